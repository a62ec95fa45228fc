"""POST /api/v1/ops/requests/{request_id}/authority: say what a representative's authority was found to be."""

import azure.functions as func

from functions._http import answer, body_as, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_authority")
@bp.route(route="v1/ops/requests/{request_id:guid}/authority", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_authority(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Record it with its evidence; a request whose representative may ask goes on."""
    from functions._guarding_views import Agreed
    from shared.messages.inputs import CheckAuthority

    request = await services().checking_authority(caller, request_id(req), body_as(CheckAuthority, req))
    return answer(Agreed.of(request))
