"""POST /api/v1/ops/requests/{request_id}/extension: take up to two months longer, once."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, body_as, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_extend")
@bp.route(route="v1/ops/requests/{request_id:guid}/extension", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_extend(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Extend, and tell the person why; 409 once the first month is over."""
    from functions._views import Receipt
    from shared.messages.decision_inputs import Extend

    extended = await services().extending(caller, request_id(req), body_as(Extend, req).reason)
    return answer(Receipt.of(extended), HTTPStatus.ACCEPTED)
