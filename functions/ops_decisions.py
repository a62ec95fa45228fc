"""GET /api/v1/ops/decisions: requests that wait for people to decide."""

import azure.functions as func

from functions._http import answer, guarded
from functions._paging import page_size
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("ops_decisions")
@bp.route(route="v1/ops/decisions", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("decider")
async def ops_decisions(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """List a page, the first due first; `limit` sizes it, `cursor` goes on."""
    from functions._decision_views import Undecided, UndecidedList

    wired = services()
    found, cursor = await wired.oversee_requests.undecided(
        caller, wired.clock(), page_size(req), req.params.get("cursor")
    )
    return answer(UndecidedList(requests=[Undecided.of(one) for one in found], cursor=cursor))
