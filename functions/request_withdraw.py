"""DELETE /api/v1/requests/{request_id}: withdraw one's own request."""

import azure.functions as func

from functions._http import answer, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("request_withdraw")
@bp.route(route="v1/requests/{request_id:guid}", methods=["DELETE"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person")
async def request_withdraw(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Withdraw while that still changes something; 409 afterwards."""
    from functions._views import Receipt

    return answer(Receipt.of(await services().withdraw_request(caller, request_id(req))))
