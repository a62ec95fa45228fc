"""GET /api/v1/ops/requests/{request_id}/ask: what a request asks, for whoever decides it."""

import azure.functions as func

from functions._http import answer, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_ask")
@bp.route(route="v1/ops/requests/{request_id:guid}/ask", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("decider")
async def ops_ask(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Show the person's own words; the look is a line of the request's history."""
    from functions._decision_views import AskView

    return answer(AskView.of_shown(await services().reading_asks(caller, request_id(req))))
