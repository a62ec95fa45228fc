"""Requests to a node and the link on which its answers go out."""

import os
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from devhost.servicebus.amqp.decode import decode, spans
from devhost.servicebus.amqp.encode import NULL, described, list_of, map_of, string
from devhost.servicebus.amqp.message import APPLICATION_PROPERTIES, PROPERTIES, VALUE, sections
from devhost.servicebus.errors import NOT_ALLOWED, AmqpError
from devhost.servicebus.server.fields import mapping
from devhost.servicebus.server.outbound import Outbound

if TYPE_CHECKING:
    from devhost.servicebus.server.session import Session

_MOST_WAITING = 1000


@dataclass(slots=True)
class Request:
    """A message to a node; `message_id` keeps its AMQP type as it comes back in the reply."""

    message_id: bytes = NULL
    reply_to: str | None = None
    stated: dict[Any, Any] | None = None
    body: Any = None


def read_request(payload: bytes) -> Request:
    """Decode a request."""
    request = Request()
    for code, _, start, _ in sections(payload):
        if code == PROPERTIES:
            raw = [payload[begin:end] for begin, end in spans(payload, start)]
            request.message_id = raw[0] if raw else NULL
            reply_to = decode(raw[4])[0] if len(raw) > 4 else None
            request.reply_to = reply_to if isinstance(reply_to, str) else None
        elif code == APPLICATION_PROPERTIES:
            request.stated = mapping(decode(payload, start)[0])
        elif code == VALUE:
            request.body = decode(payload, start)[0]
    return request


def write_reply(request: Request, stated: list[tuple[str, bytes]], body: bytes) -> bytes:
    """Write the answer: application properties and an encoded value."""
    properties = list_of((*[NULL] * 5, request.message_id))
    pairs = map_of((string(name), value) for name, value in stated)
    return described(PROPERTIES, properties) + described(APPLICATION_PROPERTIES, pairs) + described(VALUE, body)


class Replies(Outbound):
    """Sends answers in order, as credit allows."""

    def __init__(self, session: "Session", handle: int, path: str, target: str | None) -> None:
        super().__init__(session, handle)
        self.path = path
        self.target = target
        self._waiting: deque[bytes] = deque()

    def answer(self, message: bytes) -> None:
        """Send an encoded answer, or keep it until there is credit."""
        if len(self._waiting) >= _MOST_WAITING:
            raise AmqpError(NOT_ALLOWED, "too many answers wait for credit")
        self._waiting.append(message)
        self.resume()

    def resume(self) -> None:
        """Send what waits."""
        while self._waiting and self._credit > 0:
            self._spend()
            self._session.send(self._handle, os.urandom(16), self._waiting.popleft(), None)
