"""POST /api/v1/processing/lookup: tell a service of ours what may be done with its records of some people."""

import azure.functions as func

from functions._http import answer, body_as, guarded
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("processing_lookup")
@bp.route(route="v1/processing/lookup", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("service")
async def processing_lookup(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Answer for each identifier, alike for people we know and people we do not."""
    from functions._measure_views import LookUpAnswer
    from shared.messages.inputs import LookUp

    return answer(LookUpAnswer.of(await services().look_up(caller, body_as(LookUp, req))))
