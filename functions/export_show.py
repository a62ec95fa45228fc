"""GET /api/v1/exports/{export_id}: what a package is and until when; looking spends nothing."""

import azure.functions as func

from functions._http import answer, guarded, guid, wants_page
from shared.domain.errors import Gone, NotFound
from shared.domain.request import ExportId
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("export_show")
@bp.route(route="v1/exports/{export_id:guid}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone", page=True)
async def export_show(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Show a page, or JSON to whoever asks for that; 410 with what to do once it is gone."""
    from functions._export_page import export_page
    from functions._views import ExportView

    request, export = await services().deliver_export.look(ExportId(guid(req, "export_id")))
    if wants_page(req):
        return export_page(req, caller, request, export)
    view = ExportView.of(export, services().clock())
    if view is None:
        raise NotFound
    if view.status != "available":
        raise Gone(view.status)
    return answer(view)
