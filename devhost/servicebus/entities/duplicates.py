"""Duplicate detection: the message ids an entity has seen within its window."""

from devhost.servicebus.entities.timers import Alarm, Timers, now_ms
from devhost.servicebus.entities.turn import Turn
from devhost.servicebus.store import Store

_SWEEP_EVERY_MS = 1000


class DuplicateHistory:
    """Remembers ids for `window` milliseconds after they were first seen."""

    def __init__(self, entity: str, window: int, store: Store, timers: Timers, turn: Turn) -> None:
        self._entity = entity
        self._window = window
        self._store = store
        self._turn = turn
        self._until: dict[str, int] = {}
        self._alarm = Alarm(timers, self._sweep)

    def restore(self, message_id: str, until: int) -> None:
        """Take back one stored id; call in order of `until`."""
        self._until[message_id] = until
        self._alarm.by(until)

    def seen(self, message_id: str, now: int) -> bool:
        """Tell whether the id came within the window, and remember it if not."""
        if self._until.get(message_id, 0) > now:
            return True
        until = now + self._window
        self._until.pop(message_id, None)
        self._until[message_id] = until
        self._store.remember_duplicate(self._entity, message_id, until)
        self._alarm.by(until + _SWEEP_EVERY_MS)
        return False

    def _sweep(self) -> None:
        now = now_ms()
        while self._until:
            message_id, until = next(iter(self._until.items()))
            if until > now:
                self._alarm.by(until + _SWEEP_EVERY_MS)
                break
            del self._until[message_id]
            self._store.forget_duplicate(self._entity, message_id)
        self._turn.mark()
