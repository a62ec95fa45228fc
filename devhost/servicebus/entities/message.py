"""A message in a queue."""

from dataclasses import dataclass
from enum import IntEnum

from devhost.servicebus.amqp.message import Content, delivered


class State(IntEnum):
    """Where a message stands; the numbers of the first and third are the wire's and the store's."""

    ACTIVE = 0
    LOCKED = 1
    SCHEDULED = 2


@dataclass(slots=True)
class Message:
    """Content with what the broker knows about it; times are epoch milliseconds."""

    sequence: int
    origin: int
    content: Content
    enqueued_at: int
    expires_at: int | None = None
    delivery_count: int = 0
    state: State = State.ACTIVE

    def locked(self, until: int | None) -> bytes:
        """Write it for a receiver; without a lock it is handed over for good."""
        return delivered(
            self.content,
            sequence=self.sequence,
            origin=self.origin,
            enqueued_at=self.enqueued_at,
            delivery_count=self.delivery_count,
            locked_until=until,
        )

    def peeked(self) -> bytes:
        """Write it for someone who only looks."""
        return delivered(
            self.content,
            sequence=self.sequence,
            origin=self.origin,
            enqueued_at=self.enqueued_at,
            delivery_count=self.delivery_count,
            state=State.SCHEDULED if self.state is State.SCHEDULED else State.ACTIVE,
        )
