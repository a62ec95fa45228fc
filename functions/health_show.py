"""GET /api/health: alive; for operators also whether each dependency answers."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, guarded
from shared.domain.errors import NotAllowed, NotSignedIn
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("health_show")
@bp.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone")
async def health_show(_: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Answer 200 when alive. An operator sees each dependency, and 503 when one does not answer."""
    from functions._views import Health

    try:
        services().require_operator(caller)
    except (NotSignedIn, NotAllowed):
        return answer(Health(status="ok"))
    found = await services().dependencies()
    well = all(state == "ok" for state in found.values())
    status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
    return answer(Health(status="ok" if well else "degraded", dependencies=found), status)
