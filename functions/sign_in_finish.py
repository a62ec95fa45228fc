"""POST /api/privacy/signed-in: take the ID token that Entra ID posts back."""

import azure.functions as func

from functions._http import SIGN_IN_COOKIE, cookie, foreign_form, guarded, see_other
from functions._rights_asked import rights_of
from shared.domain.errors import NotSignedIn
from shared.domain.references import Session
from shared.domain.request import ExportId, Language, Request, RequestId
from shared.messages.inputs import SubmitRequest
from shared.ports.world import Principal
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("sign_in_finish")
@bp.route(route="privacy/signed-in", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone", page=True)
async def sign_in_finish(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Go on where the sign-in started, in the browser that started it, with a session for that one request."""
    fields, references = foreign_form(req), services().references
    state = fields.get("state", "")
    target, _, value = references.state_target(state, services().clock()).partition("-")
    if not references.is_nonce(state, cookie(req, SIGN_IN_COOKIE)):
        raise NotSignedIn
    principal = await services().tokens.sign_in(fields.get("id_token", ""), references.nonce(state))
    who = Caller(network=caller.network, principal=principal)
    if target == "export":
        request, export = await services().deliver_export.look(ExportId(value))
        services().owning.must_own(who, request)
        return see_other(f"/api/v1/exports/{export.id}", session=_session(request))
    if target == "request":
        request = (await services().owning.case(who, RequestId(value))).request.row
        return see_other(f"/api/privacy/{request.id}", session=_session(request))
    language, _, right = value.partition("-")
    request = await _asked(who, "nl" if language == "nl" else "en", right, state)
    return see_other(f"/api/privacy/{request.id}", session=_session(request))


async def _asked(who: Caller, language: Language, right: str, state: str) -> Request:
    principal: Principal | None = who.principal
    if principal is None:
        raise NotSignedIn
    submitted = SubmitRequest.model_construct(rights=rights_of(right), email=None, language=None)
    # The state makes a reloaded page find the request it made, rather than make another.
    return await services().submit(submitted, who, language, "page", b"", state)


def _session(request: Request) -> str:
    now = services().clock()
    session = Session(request_id=request.id, proven_at=now, expires_at=now + services().settings.session_for)
    return services().references.session_token(session)
