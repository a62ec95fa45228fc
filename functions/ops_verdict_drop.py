"""DELETE /api/v1/ops/requests/{request_id}/verdicts: take a proposal off the table."""

import azure.functions as func

from functions._http import answer, guarded, request_id
from functions._problems import BadRequest
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_verdict_drop")
@bp.route(route="v1/ops/requests/{request_id:guid}/verdicts", methods=["DELETE"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("decider")
async def ops_verdict_drop(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Drop the proposal on `part`, or without it the one on all of the request."""
    from functions._decision_views import Undecided

    part = req.params.get("part")
    if part is not None and not (part.isdecimal() and part.isascii() and len(part) <= len("500")):
        raise BadRequest("invalid_input", fields=[{"field": "part", "reason": "not_a_number"}])
    dropped = await services().deciding_parts.drop(caller, request_id(req), None if part is None else int(part))
    return answer(Undecided.of(dropped))
