"""POST /api/v1/ops/requests/{request_id}/clarification: ask the person what exactly they mean."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, body_as, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_clarify")
@bp.route(
    route="v1/ops/requests/{request_id:guid}/clarification", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS
)
@guarded("decider")
async def ops_clarify(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Put one question; the request waits for its answer."""
    from functions._views import Receipt
    from shared.messages.decision_inputs import AskClarification

    asked = await services().clarifying.ask(caller, request_id(req), body_as(AskClarification, req).question)
    return answer(Receipt.of(asked), HTTPStatus.ACCEPTED)
