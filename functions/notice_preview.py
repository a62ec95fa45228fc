"""GET /api/v1/ops/notices/{notice}: how a mail reads, with invented values."""

import azure.functions as func

from functions._http import answer, guarded, language_of
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("notice_preview")
@bp.route(route="v1/ops/notices/{notice:maxlength(40)}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def notice_preview(req: func.HttpRequest, _: Caller) -> func.HttpResponse:
    """Show every form of one mail in one language; nothing in it is about anybody."""
    from functions._notice_views import NoticePreviews

    notice, language = req.route_params["notice"], language_of(req)
    previews = services().renderer.previews(notice, language, services().settings.public_url)
    return answer(NoticePreviews.of(notice, language, previews))
