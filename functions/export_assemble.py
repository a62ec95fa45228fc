"""Queue `export-assembly`: put fragments together to a package."""

import azure.functions as func

from functions._bus import settle
from shared.messages.commands import AssembleExport
from shared.wiring import services

bp = func.Blueprint()


@bp.function_name("export_assemble")
@bp.service_bus_queue_trigger(arg_name="message", queue_name="export-assembly", connection="ServiceBus")
async def export_assemble(message: func.ServiceBusMessage) -> None:
    """Do one bounded step of an assembly."""
    await settle(AssembleExport, message, services().assemble_export)
