"""POST /api/privacy/{request_id}/clarification: answer the question that was asked about one's request."""

import azure.functions as func

from functions._http import form, guarded, request_id, see_other
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()

LONGEST = 4000


@bp.function_name("page_clarify")
@bp.route(route="privacy/{request_id:guid}/clarification", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person", page=True)
async def page_clarify(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Take the answer and show the status; an empty or too long one is asked again."""
    from functions._status_page import status_page

    request, text = request_id(req), form(req).get("answer", "").strip()
    if not 0 < len(text) <= LONGEST:
        return await status_page(req, caller, request, {"answer": "too_long" if text else "missing"})
    await services().clarifying.answer(caller, request, text)
    return see_other(f"/api/privacy/{request}")
