"""Queue `planning`: plan a verified request."""

import azure.functions as func

from functions._bus import settle
from shared.messages.commands import PlanRequest
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("request_plan")
@bp.service_bus_queue_trigger(arg_name="message", queue_name="planning", connection="ServiceBus")
async def request_plan(message: func.ServiceBusMessage) -> None:
    """Resolve who it is about and send every service its task."""
    await settle(PlanRequest, message, services().plan_request)
