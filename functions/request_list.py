"""GET /api/v1/requests: one's own requests."""

import azure.functions as func

from functions._http import answer, guarded
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("request_list")
@bp.route(route="v1/requests", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person")
async def request_list(_: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """List the requests of whoever the token stands for, newest first."""
    from functions._views import Receipt, RequestList

    requests = await services().owning.all(caller)
    return answer(RequestList(requests=[Receipt.of(request) for request in requests]))
