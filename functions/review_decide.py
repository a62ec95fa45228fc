"""POST /api/v1/ops/reviews/{request_id}/decisions: include, exclude or redact items of a copy."""

import azure.functions as func

from functions._http import answer, body_as, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("review_decide")
@bp.route(route="v1/ops/reviews/{request_id:guid}/decisions", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("reviewer")
async def review_decide(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Put decisions in force, and tell what is left."""
    from functions._review_views import ReviewView
    from shared.messages.review_inputs import ReviewDecisions

    after = await services().review_desk.decide(caller, request_id(req), body_as(ReviewDecisions, req))
    return answer(ReviewView.of(after, services().reviewing_copies.until(after)))
