"""POST /api/v1/tasks/{task_id}/outcome: take in what a service of ours did."""

import azure.functions as func

from functions._http import body_as, empty, guarded
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("task_answer")
@bp.route(route="v1/tasks/{task_id:maxlength(160)}/outcome", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("service")
async def task_answer(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Record the outcome; after the task's end it is refused."""
    from shared.messages.inputs import TaskOutcome

    await services().answer_task(caller, req.route_params["task_id"], body_as(TaskOutcome, req))
    return empty()
