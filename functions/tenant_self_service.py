"""PUT /api/v1/tenants/{tenant_id}/self-service: what a customer's users may not start by themselves."""

import azure.functions as func

from functions._http import answer, body_as, guarded, guid
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("tenant_self_service")
@bp.route(route="v1/tenants/{tenant_id:guid}/self-service", methods=["PUT"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("tenant")
async def tenant_self_service(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Replace the list; rights stay as they are."""
    from functions._tenant_views import SelfServiceView
    from shared.messages.tenant_inputs import PutSelfService

    given = body_as(PutSelfService, req)
    tenant = await services().tenant_terms.restrict(caller, guid(req, "tenant_id"), given)
    return answer(SelfServiceView(restricted=sorted(tenant.self_service)))
