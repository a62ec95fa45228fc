"""POST /api/v1/ops/tasks/{task_id}/close: close a task that failed for good, with evidence."""

import azure.functions as func

from functions._http import answer, body_as, guarded
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_close")
@bp.route(route="v1/ops/tasks/{task_id:maxlength(160)}/close", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_close(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Record what the operator found or did; it is evidence by their name."""
    from functions._erasure_views import OperatorTask
    from shared.messages.inputs import CloseTask

    task_id = req.route_params["task_id"]
    closed = await services().oversee_erasures.close(caller, task_id, body_as(CloseTask, req))
    return answer(OperatorTask.of(task_id, closed))
