"""POST /api/v1/ops/unproven: end requests that nobody proved to be theirs, by two operators."""

import azure.functions as func

from functions._http import answer, body_as, guarded
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_unproven")
@bp.route(route="v1/ops/unproven", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_unproven(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Answer by id what became of each: a proposal by one operator, the end by another."""
    from functions._decision_views import Ended
    from shared.messages.decision_inputs import EndUnproven

    given = body_as(EndUnproven, req)
    outcomes = await services().ending_unproven(caller, given.ids, confirm=given.confirm)
    return answer(Ended.model_validate({"outcomes": outcomes}))
