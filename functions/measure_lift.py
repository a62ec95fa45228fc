"""DELETE /api/v1/requests/{request_id}/measure: end one's own restriction or objection."""

import azure.functions as func

from functions._http import answer, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("measure_lift")
@bp.route(route="v1/requests/{request_id:guid}/measure", methods=["DELETE"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person")
async def measure_lift(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """End it at once; 409 where nothing of this request is in force."""
    from functions._views import Receipt

    return answer(Receipt.of(await services().lifting_measures.lift_own(caller, request_id(req))))
