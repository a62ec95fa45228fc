"""POST /api/v1/tasks/{task_id}/claim: hand a service of ours what its task needs."""

import azure.functions as func

from functions._http import answer, guarded
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("task_claim")
@bp.route(route="v1/tasks/{task_id:maxlength(160)}/claim", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("service")
async def task_claim(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Say what is to be done, whether it may be done now, and with which identifiers."""
    from functions._task_views import TaskClaim

    return answer(TaskClaim.of(await services().claim_task(caller, req.route_params["task_id"])))
