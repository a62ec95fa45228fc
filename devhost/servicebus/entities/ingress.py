"""Where messages are sent: the front of a queue or a topic, with its schedule and duplicate detection."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace

from devhost.servicebus.amqp.message import Content, properties_of
from devhost.servicebus.entities.duplicates import DuplicateHistory
from devhost.servicebus.entities.filters import CorrelationFilter
from devhost.servicebus.entities.message import Message, State
from devhost.servicebus.entities.queue import Queue, shorter
from devhost.servicebus.entities.timers import Alarm, Timers, now_ms
from devhost.servicebus.entities.turn import Turn
from devhost.servicebus.store import Store


@dataclass(frozen=True, slots=True)
class Route:
    """A queue and the filters of which one must match; no filter lets everything in."""

    queue: Queue
    filters: tuple[CorrelationFilter, ...] = ()


class Ingress:
    """Takes messages now or on time and passes them to the queues behind it."""

    def __init__(
        self,
        name: str,
        routes: tuple[Route, ...],
        default_ttl: int | None,
        duplicates: DuplicateHistory | None,
        store: Store,
        timers: Timers,
        turn: Turn,
    ) -> None:
        self.name = name
        self._routes = routes
        self._filtered = any(route.filters for route in routes)
        self._keeps_number = len(routes) != 1 or routes[0].queue.name != name
        self._default_ttl = default_ttl
        self._duplicates = duplicates
        self._store = store
        self._turn = turn
        self._scheduled: dict[int, Message] = {}
        self._due: list[tuple[int, int]] = []
        self._alarm = Alarm(timers, self._wake)

    def accept(self, content: Content, scheduled_at: int | None) -> int:
        """Take a message and return its sequence number; a duplicate is accepted and forgotten, number 0."""
        now = now_ms()
        self._turn.mark()
        if self._duplicates is not None and self._duplicates.seen(content.message_id, now):
            return 0
        if scheduled_at is None or scheduled_at <= now:
            return self._enter(content, now)
        sequence = self._store.next_sequence()
        message = Message(sequence, sequence, content, scheduled_at, state=State.SCHEDULED)
        self._store.insert(self.name, message)
        self.restore(message)
        return sequence

    def restore(self, message: Message) -> None:
        """Take a scheduled message that is already stored."""
        self._scheduled[message.sequence] = message
        heapq.heappush(self._due, (message.enqueued_at, message.sequence))
        self._alarm.by(message.enqueued_at)

    def cancel(self, sequences: list[int]) -> bool:
        """Drop scheduled messages; False, and nothing dropped, if any of them is not there."""
        if not all(sequence in self._scheduled for sequence in sequences):
            return False
        for sequence in dict.fromkeys(sequences):
            del self._scheduled[sequence]
            self._store.delete(sequence)
        self._turn.mark()
        return True

    def scheduled_from(self, sequence: int) -> Iterator[Message]:
        """Yield the scheduled messages from a sequence number on."""
        return (message for number, message in self._scheduled.items() if number >= sequence)

    def _enter(self, content: Content, now: int) -> int:
        ttl = shorter(content.ttl, self._default_ttl)
        if ttl != content.ttl:
            content = replace(content, ttl=ttl)
        if not self._keeps_number:
            return self._routes[0].queue.enter(content, None, now)
        origin = self._store.next_sequence()
        fields, own = properties_of(content) if self._filtered else ([], {})
        for route in self._routes:
            if not route.filters or any(wanted.matches(fields, own) for wanted in route.filters):
                route.queue.enter(content, origin, now)
        return origin

    def _wake(self) -> None:
        now = now_ms()
        while self._due and self._due[0][0] <= now:
            message = self._scheduled.pop(heapq.heappop(self._due)[1], None)
            if message is not None:
                self._store.delete(message.sequence)
                self._enter(message.content, now)
        if self._due:
            self._alarm.by(self._due[0][0])
        self._turn.mark()
