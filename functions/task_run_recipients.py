"""Topic `service-tasks`, lane `recipients`: word to those who received what was erased."""

import azure.functions as func

from functions._bus import settle
from shared.messages.commands import RunServiceTask
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("task_run_recipients")
@bp.service_bus_topic_trigger(
    arg_name="message", topic_name="service-tasks", subscription_name="recipients", connection="ServiceBus"
)
async def task_run_recipients(message: func.ServiceBusMessage) -> None:
    """Tell one recipient, once."""
    await settle(RunServiceTask, message, services().run_service_task)
