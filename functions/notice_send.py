"""Queue `notifications`: mail a statutory notice."""

import azure.functions as func

from functions._bus import settle
from shared.messages.commands import SendNotice
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("notice_send")
@bp.service_bus_queue_trigger(arg_name="message", queue_name="notifications", connection="ServiceBus")
async def notice_send(message: func.ServiceBusMessage) -> None:
    """Mail one notice and put it on record."""
    await settle(SendNotice, message, services().send_notice)
