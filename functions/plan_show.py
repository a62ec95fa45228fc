"""GET /api/v1/requests/{request_id}/plan: what an erasure will do, to the same proof as a copy would need."""

import azure.functions as func

from functions._http import answer, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("plan_show")
@bp.route(route="v1/requests/{request_id:guid}/plan", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person")
async def plan_show(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Show the plan; 409 while there is none."""
    from functions._erasure_views import PlanView

    request, plan = await services().own_erasure.plan(caller, request_id(req))
    return answer(PlanView.of(request, plan))
