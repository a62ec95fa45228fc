"""POST /api/v1/requests/{request_id}/clarification: answer what one was asked about one's own request."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, body_as, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("request_clarify")
@bp.route(route="v1/requests/{request_id:guid}/clarification", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person")
async def request_clarify(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Take the answer, and what exactly is asked by now; the request goes on."""
    from functions._views import Receipt
    from shared.messages.decision_inputs import Clarify

    given = body_as(Clarify, req)
    answered = await services().clarifying.answer(caller, request_id(req), given.text, given.details)
    return answer(Receipt.of(answered), HTTPStatus.ACCEPTED)
