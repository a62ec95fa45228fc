"""A link on which a client receives from a queue."""

from typing import TYPE_CHECKING

from devhost.servicebus.amqp.decode import Described
from devhost.servicebus.entities.message import Message
from devhost.servicebus.entities.queue import Queue
from devhost.servicebus.entities.turn import Turn
from devhost.servicebus.server.outbound import Outbound
from devhost.servicebus.server.settlement import settle

if TYPE_CHECKING:
    from devhost.servicebus.server.session import Session


class Consumer(Outbound):
    """Pushes messages while there is credit; `keeps_lock` is peek-lock, otherwise receive-and-delete."""

    def __init__(self, session: "Session", handle: int, queue: Queue, turn: Turn, *, keeps_lock: bool) -> None:
        super().__init__(session, handle)
        self.keeps_lock = keeps_lock
        self._queue = queue
        self._turn = turn

    def opened(self) -> None:
        """Take part in the queue."""
        self._queue.attach(self)

    def closed(self) -> None:
        """Leave the queue."""
        self._queue.detach(self)

    def resume(self) -> None:
        """Have the queue look again."""
        self._turn.dispatch(self._queue)

    def wants(self) -> bool:
        """Tell whether one more message may be pushed now."""
        return self._credit > 0 and self._session.can_send()

    def deliver(self, message: Message, token: bytes, until: int | None) -> None:
        """Push a message, locked until then or for good."""
        self._spend()
        self._session.send(self._handle, token, message.locked(until), None if until is None else self)

    def settle(self, token: bytes, state: Described | None) -> bytes:
        """Apply the peer's outcome and return the state to echo."""
        return settle(self._queue, token, state)

    def _use_up(self) -> None:
        self._queue.dispatch()
        super()._use_up()
