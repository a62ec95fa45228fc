"""GET /api/v1/ops/requests/{request_id}: one request with its tasks and history, for operators."""

import azure.functions as func

from functions._http import answer, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_show")
@bp.route(route="v1/ops/requests/{request_id:guid}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_show(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Show ids, codes, times and the hash-chained history; never who it is about."""
    from functions._views import OperatorDetail

    case, history = await services().oversee_requests.one(caller, request_id(req))
    return answer(OperatorDetail.of_history(case, list(history), services().clock()))
