"""GET /api/v1/ops/reviews/{request_id}: items of a copy, for whoever looks through it."""

import azure.functions as func

from functions._http import answer, guarded, request_id
from functions._paging import page_size
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("review_show")
@bp.route(route="v1/ops/reviews/{request_id:guid}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("reviewer")
async def review_show(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Show a page of items with their content; that it was read is a line of the request's history."""
    from functions._review_views import ReviewItems

    page = await services().review_desk.show(caller, request_id(req), page_size(req), req.params.get("cursor"))
    return answer(ReviewItems.of(page))
