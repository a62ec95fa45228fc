"""POST /api/v1/ops/requests/{request_id}/approval: approve an erasure's plan, by its hash."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, body_as, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_approve")
@bp.route(route="v1/ops/requests/{request_id:guid}/approval", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_approve(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Approve; 409 where the plan is another by now."""
    from functions._views import Receipt
    from shared.messages.inputs import Approve

    given = body_as(Approve, req)
    approved = await services().oversee_erasures.approve(caller, request_id(req), given.plan_hash)
    return answer(Receipt.of(approved), HTTPStatus.ACCEPTED)
