"""POST /api/v1/tenants/{tenant_id}/disclosures: an administrator asks for a user's data, where the terms allow it."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, body_as, guarded, guid
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("tenant_disclose")
@bp.route(route="v1/tenants/{tenant_id:guid}/disclosures", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("tenant")
async def tenant_disclose(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Open the case; where it is, and its package, its administrator finds under the request's own address."""
    from functions._tenant_views import CaseSummary
    from shared.messages.tenant_inputs import Disclose

    given = body_as(Disclose, req)
    disclosed = await services().disclosing(caller, guid(req, "tenant_id"), given)
    return answer(CaseSummary.of(disclosed), HTTPStatus.ACCEPTED, Location=f"/api/v1/requests/{disclosed.id}")
