"""Queue `verification`: mail a verification code."""

import azure.functions as func

from functions._bus import settle
from shared.messages.commands import SendCode
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("code_send")
@bp.service_bus_queue_trigger(arg_name="message", queue_name="verification", connection="ServiceBus")
async def code_send(message: func.ServiceBusMessage) -> None:
    """Mail one issue of a code, within the budget for codes."""
    await settle(SendCode, message, services().send_code)
