"""GET /api/privacy/{request_id}: where one's own request is."""

import azure.functions as func

from functions._http import guarded, request_id
from shared.use_cases.caller import Caller

bp = func.Blueprint()


@bp.function_name("page_status")
@bp.route(route="privacy/{request_id:guid}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone", page=True)
async def page_status(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Show the status; whoever has no session is sent to the page that asks for a code."""
    from functions._status_page import status_page

    return await status_page(req, caller, request_id(req))
