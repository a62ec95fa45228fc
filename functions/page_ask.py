"""GET /api/privacy: the page on which a person without the app asks for a copy or for deletion of their data."""

import azure.functions as func

from functions._http import guarded, html, language_of
from functions._rights_asked import known_choice
from shared.use_cases.caller import Caller

bp = func.Blueprint()


@bp.function_name("page_ask")
@bp.route(route="privacy", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone", page=True)
async def page_ask(req: func.HttpRequest, _: Caller) -> func.HttpResponse:
    """Show the form; `right` chooses what is asked beforehand."""
    return html(
        "ask", language_of(req), {"errors": {}, "email_given": False, "right": known_choice(req.params.get("right"))}
    )
