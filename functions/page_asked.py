"""POST /api/privacy: a request from the form."""

import azure.functions as func

from functions._http import form, guarded, html, language_of
from functions._rights_asked import known_choice, rights_of
from shared.domain.errors import InvalidInput
from shared.messages.inputs import SubmitRequest
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("page_asked")
@bp.route(route="privacy", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone", page=True)
async def page_asked(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Receive it and say what comes next: the same whether or not the address is known."""
    fields = form(req)
    language = language_of(req, fields.get("language"))
    email = fields.get("email", "").strip()
    right = fields.get("right", "access")
    submitted = SubmitRequest.model_construct(rights=rights_of(right), email=email, language=language)
    try:
        request = await services().submit(submitted, caller, language, "page", req.get_body(), None)
    except InvalidInput as error:
        if error.field != "email":
            raise
        reason = "missing" if not email else "invalid"
        values = {"errors": {"email": reason}, "email_given": bool(email), "right": known_choice(right)}
        return html("ask", language, values, status=422)
    return html("asked", language, {"due_at": request.due_at, "right": right})
