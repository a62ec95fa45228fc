"""GET /api/v1/ops/requests: requests by due date, for operators."""

from datetime import UTC, datetime, timedelta

import azure.functions as func

from functions._http import answer, guarded
from functions._paging import page_size
from functions._problems import BadRequest
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()

SPAN = timedelta(days=120)


@bp.function_name("ops_list")
@bp.route(route="v1/ops/requests", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("operator")
async def ops_list(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """List a page; `due_after`, `due_before`, `state` and `attention` bound it, `limit` sizes it, `cursor` goes on."""
    from functions._views import OperatorList, OperatorRequest

    now = services().clock()
    first = _instant(req, "due_after") or now - SPAN
    last = _instant(req, "due_before") or now + SPAN
    requests, cursor = await services().oversee_requests.page(
        caller,
        first,
        last,
        page_size(req),
        req.params.get("cursor"),
        state=req.params.get("state"),
        attention=req.params.get("attention"),
    )
    return answer(OperatorList(requests=[OperatorRequest.of_request(one, now) for one in requests], cursor=cursor))


def _instant(req: func.HttpRequest, name: str) -> datetime | None:
    given = req.params.get(name)
    if given is None:
        return None
    try:
        instant = datetime.fromisoformat(given)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadRequest("invalid_input", fields=[{"field": name, "reason": "not_an_instant_with_offset"}])
