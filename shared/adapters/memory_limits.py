"""Flood counters held in memory: exact for one process."""

from datetime import UTC, datetime, timedelta

from shared.ports.world import Clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MemoryLimits:
    """Counts per fixed window; windows are counted from 1970."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[tuple[str, str, datetime], int] = {}

    async def take(self, scope: str, key: str, limit: int, window: timedelta) -> timedelta | None:
        """Count one against the limit."""
        return self.admit(scope, key, limit, window)

    def admit(self, scope: str, key: str, limit: int, window: timedelta) -> timedelta | None:
        """Count one against the limit."""
        now = self._clock()
        start = now - (now - _EPOCH) % window
        counted = self._counts.get((scope, key, start), 0)
        if counted >= limit:
            return start + window - now
        self._counts[scope, key, start] = counted + 1
        return None
