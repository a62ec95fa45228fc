"""GET /api/v1/consents: one's own record of consent."""

import azure.functions as func

from functions._http import answer, guarded
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("consent_list")
@bp.route(route="v1/consents", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person")
async def consent_list(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:  # noqa: ARG001
    """Answer every line, the oldest first."""
    from functions._measure_views import ConsentList

    return answer(ConsentList.of(await services().own_consents(caller)))
