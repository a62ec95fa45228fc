"""POST /api/v1/requests/{request_id}/link: mail a fresh link to one's own package."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("link_renew")
@bp.route(route="v1/requests/{request_id:guid}/link", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person")
async def link_renew(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Void older links and mail a new one to the address on file."""
    from functions._views import Receipt

    return answer(Receipt.of(await services().deliver_export.renew(caller, request_id(req))), HTTPStatus.ACCEPTED)
