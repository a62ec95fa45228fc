"""GET /api/v1/tenants/{tenant_id}/requests: a customer's cases, for its administrators."""

import azure.functions as func

from functions._http import answer, guarded, guid
from functions._paging import page_size
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("tenant_requests")
@bp.route(route="v1/tenants/{tenant_id:guid}/requests", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("tenant")
async def tenant_requests(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """List a page; `open=true` leaves out what has ended, `limit` sizes it, `cursor` goes on."""
    from functions._tenant_views import tell_all

    cases, cursor = await services().controller_cases.page(
        caller,
        guid(req, "tenant_id"),
        page_size(req),
        req.params.get("cursor"),
        open_only=req.params.get("open") == "true",
    )
    return answer(tell_all(cases, cursor))
