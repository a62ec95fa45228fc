"""POST /api/v1/requests/{request_id}/stop: "this was not me", by the secret of an announcement."""

import azure.functions as func

from functions._http import answer, body_as, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("request_stop")
@bp.route(route="v1/requests/{request_id:guid}/stop", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone")
async def request_stop(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Put a request on hold; 409 `erasure_has_begun` where it is too late for that."""
    from functions._guarding_views import Stopped
    from shared.messages.inputs import StopRequest

    stopped = await services().stopping_requests(caller, request_id(req), body_as(StopRequest, req).secret)
    return answer(Stopped.of(stopped))
