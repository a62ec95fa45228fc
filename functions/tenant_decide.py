"""POST /api/v1/tenants/{tenant_id}/requests/{request_id}/decision: a customer grants or refuses its case."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, body_as, guarded, guid, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("tenant_decide")
@bp.route(
    route="v1/tenants/{tenant_id:guid}/requests/{request_id:guid}/decision",
    methods=["POST"],
    auth_level=func.AuthLevel.ANONYMOUS,
)
@guarded("tenant")
async def tenant_decide(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Record the decision; what is granted is worked on at once."""
    from functions._tenant_views import CaseSummary
    from shared.messages.tenant_inputs import DecideCase

    given = body_as(DecideCase, req)
    decided = await services().controller_cases.decide(caller, guid(req, "tenant_id"), request_id(req), given)
    return answer(CaseSummary.of(decided), HTTPStatus.ACCEPTED)
