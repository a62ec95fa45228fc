"""GET /api/v1/ops/processing-record: the record of processing activities, as controller or as processor."""

import azure.functions as func

from functions._http import answer, guarded, language_of, sheet
from functions._problems import BadRequest
from shared.domain.data_map import Role
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("record_show")
@bp.route(route="v1/ops/processing-record", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def record_show(req: func.HttpRequest, _: Caller) -> func.HttpResponse:
    """Return the record of a `role` (GDPR Art. 30(1), 30(2)); as CSV where that is accepted."""
    try:
        role = Role(req.params.get("role", ""))
    except ValueError:
        raise BadRequest("invalid_input", fields=[{"field": "role", "reason": "not_controller_or_processor"}]) from None
    from shared.domain.processing_record import record_of

    record = record_of(services().maps.current(), role, language_of(req))
    if "text/csv" in req.headers.get("Accept", ""):
        from shared.use_cases.writing_records import as_sheet

        return sheet(as_sheet(record), f"processing-record-{role.value}.csv")
    return answer(record)
