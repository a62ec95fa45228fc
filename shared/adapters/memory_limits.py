"""Flood counters held in memory: exact for one process."""

from datetime import UTC, datetime, timedelta

from shared.ports.world import Clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MemoryLimits:
    """Counts per fixed window; windows are counted from 1970."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[tuple[str, str, datetime], int] = {}  # by scope, key and the window's end

    async def take(self, scope: str, key: str, limit: int, window: timedelta) -> timedelta | None:
        """Count one against the limit."""
        return self.admit(scope, key, limit, window)

    def admit(self, scope: str, key: str, limit: int, window: timedelta) -> timedelta | None:
        """Count one against the limit."""
        now = self._clock()
        end = now - (now - _EPOCH) % window + window
        counted = self._counts.get((scope, key, end), 0)
        if counted >= limit:
            return end - now
        self._counts[scope, key, end] = counted + 1
        return None

    async def sweep(self, now: datetime) -> int:
        """Forget the windows that have ended."""
        ended = [window for window in self._counts if window[2] <= now]
        for window in ended:
            del self._counts[window]
        return len(ended)
