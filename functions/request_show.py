"""GET /api/v1/requests/{request_id}: where one's own request is."""

import azure.functions as func

from functions._http import answer, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("request_show")
@bp.route(route="v1/requests/{request_id:guid}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person")
async def request_show(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Show state, parts, services and dates; somebody else's request is not found."""
    from functions._views import RequestView

    case = await services().owning.case(caller, request_id(req))
    return answer(RequestView.of_case(case, services().clock()))
