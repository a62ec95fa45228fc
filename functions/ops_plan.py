"""GET /api/v1/ops/requests/{request_id}/plan: an erasure's plan, as an operator approves it."""

import azure.functions as func

from functions._http import answer, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_plan")
@bp.route(route="v1/ops/requests/{request_id:guid}/plan", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_plan(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Show datasets, actions and counts; never who it is about."""
    from functions._erasure_views import PlanView

    request, plan = await services().oversee_erasures.plan(caller, request_id(req))
    return answer(PlanView.of(request, plan))
