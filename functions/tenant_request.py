"""GET /api/v1/tenants/{tenant_id}/requests/{request_id}: one case of a customer, for its administrators."""

import azure.functions as func

from functions._http import answer, guarded, guid, language_of, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("tenant_request")
@bp.route(
    route="v1/tenants/{tenant_id:guid}/requests/{request_id:guid}",
    methods=["GET"],
    auth_level=func.AuthLevel.ANONYMOUS,
)
@guarded("tenant")
async def tenant_request(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Show what the customer has to decide; never what the person wrote, nor what else they asked."""
    from functions._tenant_views import CaseDetail

    seen = await services().controller_cases.one(caller, guid(req, "tenant_id"), request_id(req))
    return answer(CaseDetail.of_seen(seen, language_of(req)))
