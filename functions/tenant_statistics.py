"""GET /api/v1/tenants/{tenant_id}/statistics: how a customer's cases ended, counted."""

import azure.functions as func

from functions._http import answer, guarded, guid
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("tenant_statistics")
@bp.route(route="v1/tenants/{tenant_id:guid}/statistics", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("tenant")
async def tenant_statistics(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Count by right and outcome; small counts are left out."""
    from functions._tenant_views import StatisticsView

    counted = services().tenant_statistics
    return answer(StatisticsView.of(await counted(caller, guid(req, "tenant_id")), counted.least))
