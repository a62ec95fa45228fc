"""POST /api/v1/ops/requests/{request_id}/plan: look and plan again, after an erasure was halted."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_plan_anew")
@bp.route(route="v1/ops/requests/{request_id:guid}/plan", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_plan_anew(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Begin another round, whose plan an operator approves; 409 unless it is halted."""
    from functions._views import Receipt

    planned = await services().oversee_erasures.plan_anew(caller, request_id(req))
    return answer(Receipt.of(planned), HTTPStatus.ACCEPTED)
