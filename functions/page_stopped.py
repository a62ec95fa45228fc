"""POST /api/privacy/{request_id}/stop: stop a request from its announcement's page."""

import azure.functions as func

from functions._http import form, guarded, html, language_of, request_id
from shared.domain.errors import Conflict, NotFound
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("page_stopped")
@bp.route(route="privacy/{request_id:guid}/stop", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone", page=True)
async def page_stopped(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Stop it by the secret as it came or was typed, and say what that did."""
    secret, request = form(req).get("secret", "").strip(), request_id(req)
    page = {"request_id": request, "errors": {}, "stopped": False}
    if not secret:
        return html("stop", language_of(req), page | {"errors": {"secret": "missing"}}, status=422)
    try:
        await services().stopping_requests(caller, request, secret)
    except NotFound:
        return html("stop", language_of(req), page | {"errors": {"secret": "rejected"}}, status=422)
    except Conflict as conflict:
        return html("stop", language_of(req), page | {"errors": {"secret": conflict.code}}, status=409)
    return html("stop", language_of(req), page | {"stopped": True})
