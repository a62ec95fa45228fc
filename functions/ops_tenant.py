"""GET /api/v1/ops/tenants/{tenant_id}: a customer's record, for operators."""

import azure.functions as func

from functions._http import answer, guarded, guid
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_tenant")
@bp.route(route="v1/ops/tenants/{tenant_id:guid}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_tenant(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Show terms, contacts and delegations, with the ETag that a change names."""
    from functions._tenant_views import TenantView

    read = await services().tenant_terms.read(caller, guid(req, "tenant_id"))
    return answer(TenantView.of(read.row), ETag=read.etag)
