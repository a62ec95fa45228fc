"""The $management node of an entity: renew, peek, schedule, cancel, and settle without a link."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devhost.servicebus.amqp.encode import (
    LONG,
    NULL,
    TIMESTAMP,
    array_of,
    binary,
    integer,
    list_of,
    long,
    map_of,
    string,
    symbol,
    timestamp,
)
from devhost.servicebus.amqp.message import lock_token, parse
from devhost.servicebus.entities.ingress import Ingress
from devhost.servicebus.entities.namespace import Namespace
from devhost.servicebus.entities.queue import Queue
from devhost.servicebus.errors import (
    ARGUMENT,
    LOCK_LOST,
    MESSAGE_NOT_FOUND,
    NOT_ALLOWED,
    NOT_IMPLEMENTED,
    AmqpError,
    DecodeError,
)
from devhost.servicebus.server.fields import many, mapping
from devhost.servicebus.server.replies import Request, write_reply
from devhost.servicebus.server.settlement import DEFERRAL_REFUSED, LOST

_PREFIX = "com.microsoft:"
_MOST_PEEKED = 1000
_MOST_PEEKED_BYTES = 900_000
_STATUS = {LOCK_LOST: 410, MESSAGE_NOT_FOUND: 404, NOT_IMPLEMENTED: 501}


@dataclass(frozen=True, slots=True)
class Management:
    """Answers requests about one entity."""

    namespace: Namespace
    queue: Queue | None
    ingress: Ingress | None

    def answer(self, request: Request) -> bytes:
        """Do what is asked and return the encoded reply, errors included."""
        operation = (request.stated or {}).get("operation")
        try:
            body = self._operation(str(operation))(mapping(request.body))
        except AmqpError as refusal:
            stated = [
                ("statusCode", integer(_STATUS.get(refusal.condition, 400))),
                ("statusDescription", string(refusal.description)),
                ("errorCondition", symbol(refusal.condition)),
            ]
            return write_reply(request, stated, NULL)
        code, description = (204, "No content") if body is None else (200, "OK")
        stated = [("statusCode", integer(code)), ("statusDescription", string(description))]
        return write_reply(request, stated, body or NULL)

    def _operation(self, name: str) -> Callable[[dict[Any, Any]], bytes | None]:
        known: dict[str, Callable[[dict[Any, Any]], bytes | None]] = {
            "renew-lock": self._renew,
            "peek-message": self._peek,
            "update-disposition": self._settle,
            "schedule-message": self._schedule,
            "cancel-scheduled-message": self._cancel,
        }
        act = known.get(name.removeprefix(_PREFIX))
        if act is None:
            raise AmqpError(NOT_IMPLEMENTED, "The operation is not supported.")
        return act

    def _renew(self, body: dict[Any, Any]) -> bytes:
        ends = self._receiving().renew(_tokens(body))
        if not ends:
            raise AmqpError(LOCK_LOST, LOST)
        return map_of([(string("expirations"), array_of(TIMESTAMP, [timestamp(end) for end in ends]))])

    def _peek(self, body: dict[Any, Any]) -> bytes | None:
        start, count = body.get("from-sequence-number"), body.get("message-count")
        if not isinstance(start, int) or not isinstance(count, int):
            raise AmqpError(ARGUMENT, "peek needs from-sequence-number and message-count.")
        entries: list[bytes] = []
        size = 0
        for message in self.namespace.peek(self._receiving(), start, max(0, min(count, _MOST_PEEKED))):
            encoded = message.peeked()
            size += len(encoded)
            if entries and size > _MOST_PEEKED_BYTES:
                break
            entries.append(map_of([(string("message"), binary(encoded))]))
        return map_of([(string("messages"), list_of(entries))]) if entries else None

    def _settle(self, body: dict[Any, Any]) -> bytes:
        queue, status = self._receiving(), body.get("disposition-status")
        if status == "defered":
            raise AmqpError(NOT_IMPLEMENTED, DEFERRAL_REFUSED)
        for token in _tokens(body):
            if status == "completed":
                held = queue.complete(token)
            elif status == "abandoned":
                held = queue.abandon(token)
            elif status == "suspended":
                reason, description = body.get("deadletter-reason"), body.get("deadletter-description")
                held = queue.dead_letter(token, _text(reason), _text(description))
            else:
                raise AmqpError(ARGUMENT, "unknown disposition-status.")
            if not held:
                raise AmqpError(LOCK_LOST, LOST)
        return map_of(())

    def _schedule(self, body: dict[Any, Any]) -> bytes:
        ingress = self._sending()
        entries = [mapping(entry).get("message") for entry in many(body.get("messages"))]
        parsed = [parse(entry) for entry in entries if isinstance(entry, bytes)]
        if not parsed or len(parsed) != len(entries) or any(when is None for _, when in parsed):
            raise AmqpError(ARGUMENT, "every message to schedule needs its content and its time.")
        numbers = [long(ingress.accept(content, when)) for content, when in parsed]
        return map_of([(string("sequence-numbers"), array_of(LONG, numbers))])

    def _cancel(self, body: dict[Any, Any]) -> bytes:
        numbers = many(body.get("sequence-numbers"))
        if not all(isinstance(number, int) for number in numbers):
            raise DecodeError("sequence numbers are not numbers")
        if not self._sending().cancel(numbers):
            raise AmqpError(MESSAGE_NOT_FOUND, "A message to cancel is not scheduled, or is no longer.")
        return map_of(())

    def _receiving(self) -> Queue:
        if self.queue is None:
            raise AmqpError(NOT_ALLOWED, "A topic has no messages of its own; ask its subscriptions.")
        return self.queue

    def _sending(self) -> Ingress:
        if self.ingress is None:
            raise AmqpError(NOT_ALLOWED, "Messages cannot be sent to this entity.")
        return self.ingress


def _tokens(body: dict[Any, Any]) -> list[bytes]:
    return [lock_token(value) for value in many(body.get("lock-tokens"))]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
