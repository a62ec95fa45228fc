"""GET /api/openapi.json: this API, described."""

import azure.functions as func

from functions._http import guarded, raw_json
from shared.use_cases.caller import Caller

bp = func.Blueprint()


@bp.function_name("openapi_show")
@bp.route(route="openapi.json", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone")
async def openapi_show(_: func.HttpRequest, __: Caller) -> func.HttpResponse:
    """Return the OpenAPI 3.1 document."""
    from functions._openapi import document

    return raw_json(document())
