"""Queue `advancing`: ask a request what is due."""

import azure.functions as func

from functions._bus import settle
from shared.messages.commands import AdvanceRequest
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("request_advance")
@bp.service_bus_queue_trigger(arg_name="message", queue_name="advancing", connection="ServiceBus")
async def request_advance(message: func.ServiceBusMessage) -> None:
    """Take the steps that are due; harmless to ask."""
    await settle(AdvanceRequest, message, services().advance_request)
