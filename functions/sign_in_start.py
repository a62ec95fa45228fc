"""GET /api/privacy/sign-in: send a browser to Entra ID, to come back with an ID token by form post."""

from urllib.parse import urlencode
from uuid import UUID

import azure.functions as func

from functions._http import guarded, language_of, see_other
from functions._problems import BadRequest
from functions._rights_asked import known_choice
from shared.domain.errors import NotFound
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("sign_in_start")
@bp.route(route="privacy/sign-in", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone", page=True)
async def sign_in_start(req: func.HttpRequest, _: Caller) -> func.HttpResponse:
    """Start a sign-in that ends in asking what `right` says, in what `export` names, or at the page of `request`."""
    settings, references = services().settings, services().references
    if settings.sign_in_client_id is None:
        raise NotFound
    state = references.state(_target(req), services().clock(), settings.fresh_proof_for)
    query = urlencode(
        {
            "client_id": settings.sign_in_client_id,
            "response_type": "id_token",
            "response_mode": "form_post",
            "scope": "openid",
            "prompt": "login",
            "max_age": "0",
            "redirect_uri": f"{settings.public_url}/api/privacy/signed-in",
            "state": state,
            "nonce": references.nonce(state),
        }
    )
    nonce = references.nonce(state)
    return see_other(f"{settings.entra_authority}/organizations/oauth2/v2.0/authorize?{query}", sign_in=nonce)


def _target(req: func.HttpRequest) -> str:
    named = next((one for one in ("export", "request") if one in req.params), None)
    if named is None:
        return f"ask-{language_of(req)}-{known_choice(req.params.get('right')) or 'access'}"
    try:
        return f"{named}-{UUID(req.params[named])}"
    except ValueError:
        raise BadRequest("invalid_input", fields=[{"field": named, "reason": "not_a_guid"}]) from None
