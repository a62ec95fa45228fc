"""POST /api/v1/ops/requests/{request_id}/doubt: clear the doubt about a request that was stopped, as one of two."""

import azure.functions as func

from functions._http import answer, body_as, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_doubt")
@bp.route(route="v1/ops/requests/{request_id:guid}/doubt", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_doubt(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Propose, or agree with another operator; then the request goes on from where it was held."""
    from functions._guarding_views import Agreed
    from shared.messages.inputs import ClearDoubt

    request = await services().clearing_doubts(caller, request_id(req), body_as(ClearDoubt, req))
    return answer(Agreed.of(request))
