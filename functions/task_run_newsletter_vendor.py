"""Topic `service-tasks`, lane `newsletter-vendor`: what the vendor of the newsletter is asked."""

import azure.functions as func

from functions._bus import settle
from shared.messages.commands import RunServiceTask
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("task_run_newsletter_vendor")
@bp.service_bus_topic_trigger(
    arg_name="message", topic_name="service-tasks", subscription_name="newsletter-vendor", connection="ServiceBus"
)
async def task_run_newsletter_vendor(message: func.ServiceBusMessage) -> None:
    """Do one bounded step of one service's task."""
    await settle(RunServiceTask, message, services().run_service_task)
