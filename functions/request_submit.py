"""POST /api/v1/requests: receive a data subject request."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, body_as, guarded, language_of
from functions._idempotency import idempotency_key
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("request_submit")
@bp.route(route="v1/requests", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone")
async def request_submit(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Answer 202 with the receipt; the same for an address we know and one we do not."""
    from functions._views import Receipt
    from shared.messages.inputs import SubmitRequest

    submitted = body_as(SubmitRequest, req)
    key = idempotency_key(req)
    language = language_of(req, submitted.language)
    request = await services().submit(submitted, caller, language, "api", req.get_body(), key)
    return answer(Receipt.of(request), HTTPStatus.ACCEPTED, Location=f"/api/v1/requests/{request.id}")
