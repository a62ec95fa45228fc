"""GET /api/privacy/{request_id}/stop: the page an announcement's link leads to; looking stops nothing."""

import azure.functions as func

from functions._http import guarded, html, language_of, request_id
from shared.use_cases.caller import Caller

bp = func.Blueprint()


@bp.function_name("page_stop")
@bp.route(route="privacy/{request_id:guid}/stop", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone", page=True)
async def page_stop(req: func.HttpRequest, _: Caller) -> func.HttpResponse:
    """Show the form; it says nothing of whether there is such a request."""
    return html("stop", language_of(req), {"request_id": request_id(req), "errors": {}, "stopped": False})
