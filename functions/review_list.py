"""GET /api/v1/ops/reviews: copies that wait for a reviewer."""

import azure.functions as func

from functions._http import answer, guarded
from functions._paging import page_size
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("review_list")
@bp.route(route="v1/ops/reviews", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("reviewer")
async def review_list(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """List a page; `limit` sizes it, `cursor` goes on."""
    from functions._review_views import ReviewList, ReviewView

    found, cursor = await services().review_desk.waiting(caller, page_size(req), req.params.get("cursor"))
    until = services().reviewing_copies.until
    return answer(ReviewList(reviews=[ReviewView.of(one, until(one)) for one in found], cursor=cursor))
