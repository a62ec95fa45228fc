"""POST /api/v1/ops/requests/{request_id}/verdicts/confirm: agree to what somebody else proposed."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, body_as, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_verdict_confirm")
@bp.route(
    route="v1/ops/requests/{request_id:guid}/verdicts/confirm", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS
)
@guarded("decider")
async def ops_verdict_confirm(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Confirm; 409 where the proposal is another by now."""
    from functions._decision_views import Undecided
    from shared.messages.decision_inputs import ConfirmVerdict

    given = body_as(ConfirmVerdict, req)
    return answer(
        Undecided.of(await services().deciding_parts.confirm(caller, request_id(req), given)), HTTPStatus.ACCEPTED
    )
