"""PATCH /api/v1/profile: change one's own profile."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, body_as, guarded, language_of
from functions._idempotency import idempotency_key
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("profile_update")
@bp.route(route="v1/profile", methods=["PATCH"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person")
async def profile_update(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Answer 202 with the receipt of the rectification that it runs as."""
    from functions._views import Receipt
    from shared.messages.profile_inputs import UpdateProfile
    from shared.use_cases.update_profile import ProfileChange

    change = ProfileChange(
        given=body_as(UpdateProfile, req),
        caller=caller,
        language=language_of(req),
        body=req.get_body(),
        key=idempotency_key(req),
    )
    request = await services().update_profile(change)
    return answer(Receipt.of(request), HTTPStatus.ACCEPTED, Location=f"/api/v1/requests/{request.id}")
