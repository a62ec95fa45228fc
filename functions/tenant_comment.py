"""POST /api/v1/tenants/{tenant_id}/requests/{request_id}/comments: a comment on a customer's case."""

from http import HTTPStatus

import azure.functions as func

from functions._http import answer, body_as, guarded, guid, language_of, request_id
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("tenant_comment")
@bp.route(
    route="v1/tenants/{tenant_id:guid}/requests/{request_id:guid}/comments",
    methods=["POST"],
    auth_level=func.AuthLevel.ANONYMOUS,
)
@guarded("tenant")
async def tenant_comment(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Add a comment and show the case with it."""
    from functions._tenant_views import CaseDetail
    from shared.messages.tenant_inputs import CommentOnCase

    given = body_as(CommentOnCase, req)
    seen = await services().controller_cases.comment(caller, guid(req, "tenant_id"), request_id(req), given.text)
    return answer(CaseDetail.of_seen(seen, language_of(req)), HTTPStatus.CREATED)
