"""One heap of alarms for the whole broker."""

import heapq
import time
from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable
from math import inf


def now_ms() -> int:
    """Return the wall clock in epoch milliseconds."""
    return time.time_ns() // 1_000_000


class Timers:
    """Rings alarms from a single timer of the event loop."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._handle: TimerHandle | None = None
        self._set_for: float = inf

    def at(self, when: int, ring: Callable[[], None]) -> None:
        """Call `ring` once the wall clock reaches `when`."""
        self._count += 1
        heapq.heappush(self._heap, (when, self._count, ring))
        self._set()

    def stop(self) -> None:
        """Ring no more."""
        self._heap.clear()
        if self._handle is not None:
            self._handle.cancel()

    def _set(self) -> None:
        due = self._heap[0][0] if self._heap else inf
        if due >= self._set_for or due == inf:
            return
        if self._handle is not None:
            self._handle.cancel()
        self._set_for = due
        self._handle = self._loop.call_later(max(0, due - now_ms()) / 1000, self._run)

    def _run(self) -> None:
        self._set_for, self._handle = inf, None
        now = now_ms()
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2]()
        self._set()


class Alarm:
    """One party's next appointment; it is rung at the earliest time asked for, and must ask again after."""

    def __init__(self, timers: Timers, ring: Callable[[], None]) -> None:
        self._timers = timers
        self._owner = ring
        self._set_for: float = inf

    def by(self, when: int) -> None:
        """Ring at `when` or earlier."""
        if when < self._set_for:
            self._set_for = when
            self._timers.at(when, self._ring)

    def _ring(self) -> None:
        self._set_for = inf
        self._owner()
