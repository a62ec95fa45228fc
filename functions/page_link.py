"""POST /api/privacy/{request_id}/link: ask for a fresh link from the status page."""

import azure.functions as func

from functions._http import form, guarded, request_id, see_other
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("page_link")
@bp.route(route="privacy/{request_id:guid}/link", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person", page=True)
async def page_link(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Mail a fresh link and show the status."""
    form(req)
    await services().deliver_export.renew(caller, request_id(req))
    return see_other(f"/api/privacy/{request_id(req)}")
