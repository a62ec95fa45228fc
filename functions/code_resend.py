"""POST /api/v1/requests/{request_id}/verification/resend: ask for a new code."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("code_resend")
@bp.route(
    route="v1/requests/{request_id:guid}/verification/resend",
    methods=["POST"],
    auth_level=func.AuthLevel.ANONYMOUS,
)
@guarded("anyone")
async def code_resend(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Mail a new code, which voids the one before; a request that ended for lack of proof is open again."""
    from functions._views import Receipt

    services().admit(caller)
    return answer(Receipt.of(await services().resend_code(request_id(req))), HTTPStatus.ACCEPTED)
