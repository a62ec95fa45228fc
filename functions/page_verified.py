"""POST /api/privacy/{request_id}/verify: confirm, disown, or ask for a new code."""

import azure.functions as func

from functions._http import form, guarded, html, language_of, request_id, see_other
from shared.domain.errors import CodeRejected, Conflict, Gone
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("page_verified")
@bp.route(route="privacy/{request_id:guid}/verify", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone", page=True)
async def page_verified(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Do what the pressed button says; the browser that gave the code gets the session."""
    fields, request = form(req), request_id(req)
    action, code = fields.get("action", "confirm"), fields.get("code", "").strip()
    page = {"request_id": request, "errors": {}, "disowned": False}
    try:
        if action == "resend":
            services().admit(caller)
            await services().resend_code(request)
            return html("verify", language_of(req), page | {"sent": True})
        if not code:
            return html("verify", language_of(req), page | {"errors": {"code": "missing"}}, status=422)
        if action == "disown":
            await services().confirm_identity.disown(request, code)
            return html("verify", language_of(req), page | {"disowned": True})
        token, session = await services().confirm_identity(request, code)
    except CodeRejected:
        return html("verify", language_of(req), page | {"errors": {"code": "rejected"}}, status=422)
    except Gone as gone:
        return html("verify", language_of(req), page | {"errors": {"code": gone.code}}, status=422)
    except Conflict as conflict:
        return html("verify", language_of(req), page | {"errors": {"code": conflict.code}}, status=409)
    if session.expires_at <= services().clock():
        return html("verify", language_of(req), page | {"confirmed": True})
    return see_other(f"/api/privacy/{request}", session=token)
