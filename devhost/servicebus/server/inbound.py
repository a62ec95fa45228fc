"""A link on which the peer sends."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from devhost.servicebus.amqp.frames import ACCEPTED_STATE, rejected
from devhost.servicebus.errors import TOO_LARGE, AmqpError
from devhost.servicebus.server.fields import number

if TYPE_CHECKING:
    from devhost.servicebus.server.session import Session

MAX_MESSAGE = 1_048_576
CREDIT = 1000


class Inbound:
    """Puts the frames of a message together and passes it on; the outcome leaves after the commit."""

    def __init__(self, session: "Session", handle: int, take: Callable[[bytes, int], None]) -> None:
        self._session = session
        self._handle = handle
        self._take = take
        self._delivery_count = 0
        self._credit = CREDIT
        self._parts: list[bytes] = []
        self._size = 0
        self._first: tuple[int, int, bool] | None = None

    def opened(self) -> None:
        """Grant the first credit."""
        self._grant()

    def closed(self) -> None:
        """Drop what came of an unfinished message."""
        self._forget()

    def resume(self) -> None:
        """Nothing waits here."""

    def flow(self, fields: list[Any]) -> None:
        """Answer an echo; the credit in a flow about the peer's own sending means nothing."""
        if fields[9] is True:
            self._grant()

    def transfer(self, fields: list[Any], payload: bytes) -> None:
        """Take one frame of a message."""
        _, delivery_id, _, message_format, settled, more, _, _, _, aborted, _ = fields
        if self._first is None:
            self._first = (number(delivery_id), number(message_format, 0), settled is True)
        if aborted is True:
            self._forget()
            return
        self._size += len(payload)
        if self._size <= MAX_MESSAGE:
            self._parts.append(payload)
        if more is not True:
            self._finish(*self._first)

    def _finish(self, delivery_id: int, message_format: int, settled: bool) -> None:
        payload = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        size = self._size
        self._forget()
        try:
            _refuse_large(size)
            self._take(payload, message_format)
            outcome = ACCEPTED_STATE
        except AmqpError as refusal:
            outcome = rejected(refusal.condition, refusal.description)
        if not settled:
            self._session.settled(delivery_id, outcome, as_receiver=True)
        self._delivery_count += 1
        self._credit -= 1
        if self._credit <= CREDIT // 2:
            self._grant()

    def _grant(self) -> None:
        self._credit = CREDIT
        self._session.send_flow((self._handle, self._delivery_count, CREDIT, False))

    def _forget(self) -> None:
        self._parts, self._size, self._first = [], 0, None


def _refuse_large(size: int) -> None:
    if size > MAX_MESSAGE:
        raise AmqpError(TOO_LARGE, f"The message is larger than {MAX_MESSAGE} bytes.")
