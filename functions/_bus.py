"""The bus edge: decode a command, do it, and settle it.

Returning completes the message: it was done, was a duplicate, or was put back as a scheduled copy with its next
attempt. Raising abandons it at once, and after the entity's last delivery it is dead-lettered: that is for poison, and
for a put-back that itself failed.
"""

import logging
import time
from collections.abc import Awaitable, Callable

import azure.functions as func
from pydantic import ValidationError

from functions._raised import told
from shared.domain.errors import NotFound, Poison, StaleState, Transient
from shared.messages.commands import AnyCommand, Command
from shared.telemetry import within_trace
from shared.wiring import services

log = logging.getLogger("privacy.bus")


async def settle[C: Command](
    kind: type[C], message: func.ServiceBusMessage, work: Callable[[C], Awaitable[None]]
) -> None:
    """Do the command a message carries.

    Raises:
        Poison: the message cannot be read, names a request that is not there, or failed in a way nobody expected.
        Transient: the work failed for now, and so did putting it back.
    """
    started = time.monotonic()
    command = _decoded(kind, message)
    outcome = "raised"
    try:
        with within_trace(command.traceparent):
            await work(command)
        outcome = "done"
    except (Transient, StaleState) as error:
        await services().put_back(_any(command), getattr(error, "retry_after", None))
        outcome = getattr(error, "code", "stale")
    except NotFound:
        raise Poison(f"{command.kind} names a request or task that is not there") from None
    except Poison:
        raise
    except Exception as error:  # noqa: BLE001 - raised again, without words that the host would log
        raise Poison(f"{command.kind} failed: {told(error)}") from None
    finally:
        milliseconds = round((time.monotonic() - started) * 1000)
        log.info(
            "%s request_id=%s attempt=%d outcome=%s ms=%d",
            command.key,
            command.request_id,
            command.attempt,
            outcome,
            milliseconds,
        )


def _decoded[C: Command](kind: type[C], message: func.ServiceBusMessage) -> C:
    try:
        return kind.model_validate_json(message.get_body())
    except ValidationError as error:
        places = [".".join(map(str, one["loc"])) for one in error.errors(include_input=False, include_context=False)]
        raise Poison(f"not a {kind.__name__}: {', '.join(places[:5])}") from None


def _any(command: Command) -> AnyCommand:
    return command  # type: ignore[return-value]
