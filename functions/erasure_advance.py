"""Queue `erasure`: ask an erasure what is due."""

import azure.functions as func

from functions._bus import settle
from shared.messages.commands import AdvanceErasure
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("erasure_advance")
@bp.service_bus_queue_trigger(arg_name="message", queue_name="erasure", connection="ServiceBus")
async def erasure_advance(message: func.ServiceBusMessage) -> None:
    """Take the steps that are due; harmless to ask."""
    await settle(AdvanceErasure, message, services().advance_erasure)
