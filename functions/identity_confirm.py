"""POST /api/v1/requests/{request_id}/verification: prove an address by its code."""

import azure.functions as func

from functions._http import answer, body_as, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("identity_confirm")
@bp.route(route="v1/requests/{request_id:guid}/verification", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone")
async def identity_confirm(req: func.HttpRequest, _: Caller) -> func.HttpResponse:
    """Answer the side that gave the code with a token; whoever opened the request gains nothing."""
    from functions._views import AccessToken
    from shared.messages.inputs import GiveCode

    token, session = await services().confirm_identity(request_id(req), body_as(GiveCode, req).code)
    return answer(AccessToken(access_token=token, expires_at=session.expires_at))
