"""GET /api/privacy: the pages on which a person without the app chooses a right and asks for it."""

import azure.functions as func

from functions._http import guarded, html, language_of
from shared.use_cases.caller import Caller

bp = func.Blueprint()


@bp.function_name("page_ask")
@bp.route(route="privacy", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone", page=True)
async def page_ask(req: func.HttpRequest, _: Caller) -> func.HttpResponse:
    """Show what can be asked, or the form for what `right` chooses."""
    from functions._ask_page import ask_page
    from functions._rights_asked import CHOICES, known_choice

    choice, language = known_choice(req.params.get("right")), language_of(req)
    if choice is None:
        return html("ask", language, {"choices": CHOICES})
    return ask_page(language, choice)
