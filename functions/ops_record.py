"""POST /api/v1/ops/requests: record a request that came in otherwise than over HTTP."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, body_as, guarded
from functions._idempotency import idempotency_key
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_record")
@bp.route(route="v1/ops/requests", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_record(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Answer 202 with the receipt; its due day counts from the true receipt."""
    from functions._views import Receipt
    from shared.messages.decision_inputs import RecordRequest

    given, key = body_as(RecordRequest, req), idempotency_key(req)
    request = await services().recording_requests(caller, given, req.get_body(), key)
    return answer(Receipt.of(request), HTTPStatus.ACCEPTED, Location=f"/api/v1/ops/requests/{request.id}")
