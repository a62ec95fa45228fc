"""GET /api/privacy/{request_id}/verify: the page a mail's link leads to; looking spends nothing."""

import azure.functions as func

from functions._http import guarded, html, language_of, request_id
from shared.use_cases.caller import Caller

bp = func.Blueprint()


@bp.function_name("page_verify")
@bp.route(route="privacy/{request_id:guid}/verify", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("anyone", page=True)
async def page_verify(req: func.HttpRequest, _: Caller) -> func.HttpResponse:
    """Show the code's form; it says nothing of whether there is such a request."""
    return html("verify", language_of(req), {"request_id": request_id(req), "errors": {}, "disowned": False})
