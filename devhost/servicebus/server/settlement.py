"""What the outcomes of a receiver mean for a locked message."""

from typing import Any

from devhost.servicebus.amqp.decode import Described
from devhost.servicebus.amqp.encode import NULL, boolean, described, list_of
from devhost.servicebus.amqp.frames import (
    ACCEPTED,
    ACCEPTED_STATE,
    MODIFIED,
    REJECTED,
    REJECTED_STATE,
    RELEASED,
)
from devhost.servicebus.entities.queue import Queue
from devhost.servicebus.errors import LOCK_LOST, NOT_IMPLEMENTED, AmqpError, DecodeError

_RELEASED_STATE = described(RELEASED, list_of(()))
LOST = "The lock supplied is invalid. Either the lock expired, or the message has already been removed."
DEFERRAL_REFUSED = "This broker does not defer messages."


def settle(queue: Queue, token: bytes, state: Described | None) -> bytes:
    """Apply an outcome and return the state to echo; a missing outcome releases.

    Raises:
        AmqpError: The lock was lost, or the outcome is not supported.
    """
    code = RELEASED if state is None else state.descriptor
    fields = state.value if state is not None and isinstance(state.value, list) else []
    if code == ACCEPTED:
        held, echo = queue.complete(token), ACCEPTED_STATE
    elif code == RELEASED:
        held, echo = queue.release(token), _RELEASED_STATE
    elif code == MODIFIED:
        held, echo = _abandon(queue, token, fields)
    elif code == REJECTED:
        held, echo = queue.dead_letter(token, *_reasons(fields)), REJECTED_STATE
    else:
        raise AmqpError(NOT_IMPLEMENTED, "unknown delivery state")
    if not held:
        raise AmqpError(LOCK_LOST, LOST)
    return echo


def _abandon(queue: Queue, token: bytes, fields: list[Any]) -> tuple[bool, bytes]:
    failed, undeliverable, annotations = (*fields, None, None, None)[:3]
    if undeliverable is True:
        raise AmqpError(NOT_IMPLEMENTED, DEFERRAL_REFUSED)
    if annotations:
        raise AmqpError(NOT_IMPLEMENTED, "This broker does not change properties when a message is abandoned.")
    echo = described(MODIFIED, list_of((boolean(failed), boolean(undeliverable), NULL)))
    return queue.abandon(token), echo


def _reasons(fields: list[Any]) -> tuple[str | None, str | None]:
    """Return reason and description: those of the error's info, or else of the error itself."""
    error = fields[0] if fields else None
    if error is None:
        return None, None
    if not isinstance(error, Described) or not isinstance(error.value, list):
        raise DecodeError("rejected without a proper error")
    condition, description, info = (*error.value, None, None, None)[:3]
    stated = info if isinstance(info, dict) else {}
    reason = stated.get("DeadLetterReason", condition)
    explanation = stated.get("DeadLetterErrorDescription", description)
    return (
        reason if isinstance(reason, str) else None,
        explanation if isinstance(explanation, str) else None,
    )
