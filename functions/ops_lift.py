"""POST /api/v1/ops/requests/{request_id}/lift: announce that limits on processing end."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, body_as, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_lift")
@bp.route(route="v1/ops/requests/{request_id:guid}/lift", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_lift(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Tell the person first: the limits end some days after that."""
    from functions._measure_views import LiftingView
    from shared.messages.inputs import LiftMeasure

    given = body_as(LiftMeasure, req)
    announced = await services().lifting_measures.announce(caller, request_id(req), given.text)
    return answer(LiftingView.of(announced), HTTPStatus.ACCEPTED)
