"""A queue of messages: of a queue entity, of a subscription, or of dead letters."""

import heapq
import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from devhost.servicebus.amqp.message import Content
from devhost.servicebus.entities.message import Message, State
from devhost.servicebus.entities.settings import QueueSettings
from devhost.servicebus.entities.timers import Alarm, Timers, now_ms
from devhost.servicebus.entities.turn import Turn
from devhost.servicebus.errors import NOT_ALLOWED, AmqpError
from devhost.servicebus.store import Store

_STALE_EXPIRIES = 1024


class Consumer(Protocol):
    """Someone to whom messages are pushed."""

    keeps_lock: bool

    def wants(self) -> bool:
        """Tell whether one more message may be pushed now."""

    def deliver(self, message: Message, token: bytes, until: int | None) -> None:
        """Push a message; without `until` it is handed over for good."""


@dataclass(slots=True)
class Lock:
    """A message in somebody's hands."""

    message: Message
    until: int


class Queue:
    """Hands each message to one consumer at a time, in order, until it is settled."""

    def __init__(
        self,
        name: str,
        settings: QueueSettings,
        dead_letters: "Queue | None",
        store: Store,
        timers: Timers,
        turn: Turn,
    ) -> None:
        self.name = name
        self.dead_letters = dead_letters
        self._settings = settings
        self._store = store
        self._turn = turn
        self._messages: dict[int, Message] = {}
        self._ready: list[int] = []
        self._locks: dict[bytes, Lock] = {}
        self._expiries: list[tuple[int, int]] = []
        self._consumers: deque[Consumer] = deque()
        self._alarm = Alarm(timers, self._wake)

    # Coming in

    def enter(self, content: Content, origin: int | None, enqueued_at: int) -> int:
        """Append a message and return its sequence number, which is also its origin if none is given."""
        sequence = self._store.next_sequence()
        ttl = shorter(content.ttl, self._settings.default_ttl)
        expires_at = None if ttl is None else enqueued_at + ttl
        if ttl != content.ttl:
            content = replace(content, ttl=ttl)
        message = Message(sequence, origin or sequence, content, enqueued_at, expires_at)
        self._store.insert(self.name, message)
        self.restore(message)
        return sequence

    def restore(self, message: Message) -> None:
        """Take a message that is already stored; call in order of sequence."""
        self._messages[message.sequence] = message
        heapq.heappush(self._ready, message.sequence)
        if message.expires_at is not None:
            self._note_expiry(message.expires_at, message.sequence)
        self._turn.dispatch(self)

    def bury(self, message: Message, content: Content) -> None:
        """Take a message that another queue gives up, under a new number."""
        dead = Message(
            self._store.next_sequence(), message.origin, content, message.enqueued_at, None, message.delivery_count
        )
        self._store.insert(self.name, dead)
        self.restore(dead)

    # Going out

    def attach(self, consumer: Consumer) -> None:
        """Let `consumer` take part."""
        self._consumers.append(consumer)

    def detach(self, consumer: Consumer) -> None:
        """Stop pushing to `consumer`; its locks run on until they expire or are settled."""
        self._consumers.remove(consumer)

    def dispatch(self) -> None:
        """Push what is ready to whoever wants it, in turn."""
        now = now_ms()
        while self._ready and (consumer := self._next_consumer()) is not None:
            message = self._messages.get(heapq.heappop(self._ready))
            if message is None or message.state is not State.ACTIVE:
                continue
            if message.expires_at is not None and message.expires_at <= now:
                self._expire(message)
            elif consumer.keeps_lock:
                until = now + self._settings.lock_duration
                token = os.urandom(16)
                message.state = State.LOCKED
                self._locks[token] = Lock(message, until)
                self._alarm.by(until)
                consumer.deliver(message, token, until)
            else:
                self._remove(message)
                consumer.deliver(message, os.urandom(16), None)

    def _next_consumer(self) -> Consumer | None:
        for _ in range(len(self._consumers)):
            consumer = self._consumers[0]
            self._consumers.rotate(-1)
            if consumer.wants():
                return consumer
        return None

    # Settling: each tells whether the lock still held

    def complete(self, token: bytes) -> bool:
        """Remove the message."""
        lock = self._unlock(token)
        if lock is not None:
            self._remove(lock.message)
        return lock is not None

    def release(self, token: bytes) -> bool:
        """Make the message available again as if it had never been delivered."""
        lock = self._unlock(token)
        if lock is not None:
            self._make_ready(lock.message)
        return lock is not None

    def abandon(self, token: bytes) -> bool:
        """Make the message available again and count the delivery as failed."""
        lock = self._unlock(token)
        if lock is not None:
            self._count_failure(lock.message)
        return lock is not None

    def dead_letter(self, token: bytes, reason: str | None, description: str | None) -> bool:
        """Move the message to the dead letters."""
        if self.dead_letters is None:
            raise AmqpError(NOT_ALLOWED, "A message in a dead-letter queue cannot be dead-lettered again.")
        lock = self._unlock(token)
        if lock is not None:
            self._move_to_dead(lock.message, reason, description)
        return lock is not None

    def renew(self, tokens: Sequence[bytes]) -> list[int] | None:
        """Lock anew from now and return the new ends; None, and nothing renewed, if any lock was lost."""
        now = now_ms()
        until = now + self._settings.lock_duration
        held: dict[bytes, Message] = {}
        for token in tokens:
            lock = self._locks.get(token)
            if lock is None or lock.until <= now:
                return None
            held[token] = lock.message
        for token, message in held.items():
            del self._locks[token]
            self._locks[token] = Lock(message, until)
        return [until] * len(tokens)

    # Looking

    def messages_from(self, sequence: int) -> Iterator[Message]:
        """Yield unexpired messages, locked ones too, from a sequence number on."""
        now = now_ms()
        for number, message in self._messages.items():
            if number >= sequence and (message.expires_at is None or message.expires_at > now):
                yield message

    # Time passing

    def _wake(self) -> None:
        now = now_ms()
        while self._locks:
            token, lock = next(iter(self._locks.items()))
            if lock.until > now:
                self._alarm.by(lock.until)
                break
            del self._locks[token]
            self._count_failure(lock.message)
        while self._expiries and self._expiries[0][0] <= now:
            message = self._messages.get(heapq.heappop(self._expiries)[1])
            if message is not None and message.state is State.ACTIVE:
                self._expire(message)
        if self._expiries:
            self._alarm.by(self._expiries[0][0])
        self._turn.mark()

    def _note_expiry(self, expires_at: int, sequence: int) -> None:
        if len(self._expiries) > _STALE_EXPIRIES + 2 * len(self._messages):
            alive = ((entry, self._messages.get(entry[1])) for entry in self._expiries)
            self._expiries = [entry for entry, message in alive if message is not None]
            heapq.heapify(self._expiries)
        heapq.heappush(self._expiries, (expires_at, sequence))
        self._alarm.by(expires_at)

    def _unlock(self, token: bytes) -> Lock | None:
        lock = self._locks.get(token)
        if lock is None or lock.until <= now_ms():
            return None
        del self._locks[token]
        self._turn.mark()
        return lock

    def _count_failure(self, message: Message) -> None:
        message.delivery_count += 1
        limit = self._settings.max_delivery_count
        if self.dead_letters is not None and message.delivery_count >= limit:
            description = f"Message could not be consumed after {limit} delivery attempts."
            self._move_to_dead(message, "MaxDeliveryCountExceeded", description)
            return
        self._store.count_delivery(message)
        self._make_ready(message)

    def _make_ready(self, message: Message) -> None:
        message.state = State.ACTIVE
        if message.expires_at is not None and message.expires_at <= now_ms():
            self._expire(message)
            return
        heapq.heappush(self._ready, message.sequence)
        self._turn.dispatch(self)

    def _expire(self, message: Message) -> None:
        if self._settings.dead_letter_on_expiry and self.dead_letters is not None:
            self._move_to_dead(message, "TTLExpiredException", "The message expired and was dead lettered.")
        else:
            self._remove(message)

    def _move_to_dead(self, message: Message, reason: str | None, description: str | None) -> None:
        why = {"DeadLetterReason": reason, "DeadLetterErrorDescription": description}
        stated = {name: value for name, value in why.items() if value is not None}
        content = message.content.with_properties(stated) if stated else message.content
        self._remove(message)
        if self.dead_letters is not None:
            self.dead_letters.bury(message, content)

    def _remove(self, message: Message) -> None:
        del self._messages[message.sequence]
        self._store.delete(message.sequence)


def shorter(one: int | None, other: int | None) -> int | None:
    """Return the shorter of two times to live, where None is for ever."""
    return min((ttl for ttl in (one, other) if ttl is not None), default=None)
