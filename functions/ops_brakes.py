"""GET /api/v1/ops/brakes: which erasures are stopped for there being too many."""

import azure.functions as func

from functions._http import answer, guarded
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_brakes")
@bp.route(route="v1/ops/brakes", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_brakes(_req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """List the brakes that are on."""
    from functions._erasure_views import BrakeList

    return answer(BrakeList.of(list(await services().oversee_erasures.brakes_on(caller))))
