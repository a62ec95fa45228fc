"""PUT /api/v1/ops/tenants/{tenant_id}: write a customer's record."""

import azure.functions as func

from functions._http import answer, body_as, guarded, guid
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_tenant_put")
@bp.route(route="v1/ops/tenants/{tenant_id:guid}", methods=["PUT"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_tenant_put(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Write it anew, or with `If-Match` as a change of what was read; terms that differ become the next version."""
    from functions._tenant_views import TenantView
    from shared.messages.tenant_inputs import PutTenant

    given = body_as(PutTenant, req)
    written = await services().tenant_terms.put(
        caller, guid(req, "tenant_id"), given, req.headers.get("If-Match") or None
    )
    return answer(TenantView.of(written.row), ETag=written.etag)
