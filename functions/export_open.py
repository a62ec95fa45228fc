"""POST /api/v1/exports/{export_id}: open a package by its secret and a fresh proof."""

import azure.functions as func

from functions._http import body_as, guarded, guid, see_other, wants_page
from shared.domain.request import ExportId
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("export_open")
@bp.route(route="v1/exports/{export_id:guid}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone", page=True)
async def export_open(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Count a download and answer 303 to a URL that is good for minutes and reads one blob."""
    from functions._export_page import open_by_form
    from shared.messages.inputs import OpenExport

    export_id = ExportId(guid(req, "export_id"))
    if wants_page(req):
        return await open_by_form(req, caller, export_id)
    return see_other(await services().deliver_export.open(caller, export_id, body_as(OpenExport, req).secret))
