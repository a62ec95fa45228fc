"""POST /api/v1/ops/brakes/{brake}/release: let a brake go."""

import azure.functions as func

from functions._http import empty, guarded
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_release")
@bp.route(route="v1/ops/brakes/{brake:maxlength(60)}/release", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_release(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Let it go: what waits for it goes on by itself."""
    await services().oversee_erasures.release(caller, req.route_params["brake"])
    return empty()
