"""POST /api/v1/requests/{request_id}/verification/disown: "this was not me"."""

import azure.functions as func

from functions._http import body_as, empty, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("identity_disown")
@bp.route(
    route="v1/requests/{request_id:guid}/verification/disown",
    methods=["POST"],
    auth_level=func.AuthLevel.ANONYMOUS,
)
@guarded("anyone")
async def identity_disown(req: func.HttpRequest, _: Caller) -> func.HttpResponse:
    """End a request that somebody else opened in one's name; its code shows that the mail arrived here."""
    from shared.messages.inputs import GiveCode

    await services().confirm_identity.disown(request_id(req), body_as(GiveCode, req).code)
    return empty()
