"""POST /api/v1/callbacks/{task_id}: take in what a system outside did."""

import azure.functions as func

from functions._http import body_as, empty, guarded
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("callback_take")
@bp.route(route="v1/callbacks/{task_id:maxlength(160)}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone")
async def callback_take(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Keep the answer of a system that shows the task's token; whether it is evidence is found out later."""
    from shared.messages.inputs import TaskOutcome

    token, outcome = req.headers.get("X-Privacy-Callback", ""), body_as(TaskOutcome, req)
    await services().take_answer(caller, req.route_params["task_id"], token, outcome)
    return empty()
