"""POST /api/v1/requests/{request_id}/waiver: let the erasure begin without waiting for one's copy."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, guarded, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("copy_waive")
@bp.route(route="v1/requests/{request_id:guid}/waiver", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("person")
async def copy_waive(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Waive; 409 where no erasure waits behind a copy."""
    from functions._views import Receipt

    waived = await services().own_erasure.waive_copy(caller, request_id(req))
    return answer(Receipt.of(waived), HTTPStatus.ACCEPTED)
