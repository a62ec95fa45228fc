"""POST /api/v1/account-events: the app tells of a reset, a new way to sign in, or a changed address."""

import azure.functions as func

from functions._http import body_as, empty, guarded
from shared.use_cases.caller import Caller
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("account_event_note")
@bp.route(route="v1/account-events", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@guarded("service")
async def account_event_note(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Note it; again is no error."""
    from shared.messages.inputs import NoteAccountEvent

    await services().noting_account_events(caller, body_as(NoteAccountEvent, req))
    return empty()
