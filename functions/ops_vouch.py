"""POST /api/v1/ops/requests/{request_id}/identity: establish who asks by facts of an account, as one of two."""

import azure.functions as func

from functions._http import answer, body_as, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_vouch")
@bp.route(route="v1/ops/requests/{request_id:guid}/identity", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_vouch(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Propose, or agree with another operator; then the request goes on."""
    from functions._guarding_views import Agreed
    from shared.messages.inputs import VouchIdentity

    request = await services().vouching_identity(caller, request_id(req), body_as(VouchIdentity, req))
    return answer(Agreed.of(request))
