"""GET /api/v1/requests/{request_id}/clarification: what one was asked about one's own request."""

import azure.functions as func

from functions._http import answer, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("request_question")
@bp.route(route="v1/requests/{request_id:guid}/clarification", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person")
async def request_question(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Show the newest question; 409 where there was none."""
    from functions._decision_views import QuestionView

    question = await services().clarifying.question(caller, request_id(req))
    return answer(QuestionView.model_validate(question.model_dump()))
