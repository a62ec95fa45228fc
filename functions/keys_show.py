"""GET /api/v1/keys: the public keys that certificates are, or were, signed with."""

import azure.functions as func

from functions._http import guarded, raw_json
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("keys_show")
@bp.route(route="v1/keys", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone")
async def keys_show(_: func.HttpRequest, __: Caller) -> func.HttpResponse:
    """Return a JWK set in which each key says since when, and until when, it signed."""
    from shared.use_cases.certificate_keys import as_key_set

    return raw_json(as_key_set(await services().signer.keys()))
