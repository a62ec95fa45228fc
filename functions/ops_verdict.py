"""POST /api/v1/ops/requests/{request_id}/verdicts: decide, or propose to decide against the person."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, body_as, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_verdict")
@bp.route(route="v1/ops/requests/{request_id:guid}/verdicts", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("decider")
async def ops_verdict(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Grant at once; anything else waits for a second person."""
    from functions._decision_views import Undecided
    from shared.messages.decision_inputs import ProposeVerdict

    given = body_as(ProposeVerdict, req)
    return answer(
        Undecided.of(await services().deciding_parts.propose(caller, request_id(req), given)), HTTPStatus.ACCEPTED
    )
