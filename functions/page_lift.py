"""POST /api/privacy/{request_id}/lift: end one's own restriction or objection, from the status page."""

from contextlib import suppress

import azure.functions as func

from functions._http import form, guarded, request_id, see_other
from shared.domain.errors import ProofNeeded
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("page_lift")
@bp.route(route="privacy/{request_id:guid}/lift", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person", page=True)
async def page_lift(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """End it once the box is ticked, and show the status; an old proof is asked anew there."""
    from functions._status_page import status_page

    request = request_id(req)
    if form(req).get("sure") != "yes":
        return await status_page(req, caller, request, {"sure-lift": "missing"})
    with suppress(ProofNeeded):
        await services().lifting_measures.lift_own(caller, request)
    return see_other(f"/api/privacy/{request}")
