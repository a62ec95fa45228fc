"""POST /api/v1/mail-events: delivery reports of the mail system."""

import azure.functions as func

from functions._http import answer, body_as, guarded
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("bounce_note")
@bp.route(route="v1/mail-events", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("service")
async def bounce_note(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Take a batch of Event Grid's; what is no report of a mail of ours that failed is passed over."""
    from functions._decision_views import Reopened
    from shared.messages.decision_inputs import MailEvents

    reopened = await services().noting_bounces(caller, body_as(MailEvents, req).root)
    return answer(Reopened(reopened=reopened))
