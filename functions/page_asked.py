"""POST /api/privacy: a request from the form."""

import azure.functions as func

from functions._http import form_values, guarded, html, language_of
from shared.domain.errors import InvalidInput
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()

_FIELDS = {"email": "email", "details": "scope", "representative": "representative_email"}


@bp.function_name("page_asked")
@bp.route(route="privacy", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone", page=True)
async def page_asked(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Receive it and say what comes next: the same whether or not the address is known."""
    from functions._ask_page import ask_page
    from functions._asked_form import AskedForm
    from functions._rights_asked import known_choice

    filled = AskedForm(form_values(req))
    language = language_of(req, filled.one("language"))
    choice = known_choice(filled.one("right") or "access")
    submitted = filled.submission(language)
    if filled.errors and choice is not None:
        return ask_page(language, choice, filled)
    try:
        request = await services().submit(submitted, caller, language, "page", req.get_body(), None)
    except InvalidInput as error:
        if error.field not in _FIELDS or choice is None:
            raise
        filled.errors[_FIELDS[error.field]] = "invalid" if filled.one("email") or error.field != "email" else "missing"
        return ask_page(language, choice, filled)
    return html("asked", language, {"due_at": request.due_at, "rights": list(submitted.rights)})
