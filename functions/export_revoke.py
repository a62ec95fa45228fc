"""DELETE /api/v1/exports/{export_id}: take a link back."""

import azure.functions as func

from functions._http import empty, guarded, guid
from shared.domain.request import ExportId
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("export_revoke")
@bp.route(route="v1/exports/{export_id:guid}", methods=["DELETE"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person")
async def export_revoke(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Void the link at once, as its person or as an operator; again is no error."""
    await services().deliver_export.revoke(caller, ExportId(guid(req, "export_id")))
    return empty()
