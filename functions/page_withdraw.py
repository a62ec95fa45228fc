"""POST /api/privacy/{request_id}/withdraw: withdraw from the status page."""

import azure.functions as func

from functions._http import form, guarded, request_id, see_other
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("page_withdraw")
@bp.route(route="privacy/{request_id:guid}/withdraw", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person", page=True)
async def page_withdraw(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Withdraw once the box is ticked, and show the status."""
    from functions._status_page import status_page

    request = request_id(req)
    if form(req).get("sure") != "yes":
        return await status_page(req, caller, request, {"sure": "missing"})
    await services().withdraw_request(caller, request)
    return see_other(f"/api/privacy/{request}")
