"""Brakes held in memory."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.domain.errors import NotFound
from shared.ports.erasing import Brake
from shared.ports.world import Clock, Limits


class MemoryBrakes:
    """Counts in windows that begin anew with each release."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._since: dict[str, datetime] = {}
        self._releases: dict[str, int] = {}

    async def is_on(self, brake_id: str) -> bool:
        """Tell whether this brake is on."""
        return brake_id in self._since

    async def count(self, brake_id: str, limit: int, window: timedelta) -> bool:
        """Count one erasure."""
        scope = f"brake-{self._releases.get(brake_id, 0)}"
        if await self._limits.take(scope, brake_id, limit, window) is None:
            return True
        self._since.setdefault(brake_id, self._clock())
        return False

    async def on(self) -> Sequence[Brake]:
        """Return the brakes that are on."""
        return [Brake(id=one, since=since) for one, since in sorted(self._since.items())]

    async def release(self, brake_id: str) -> None:
        """Let go."""
        if self._since.pop(brake_id, None) is None:
            raise NotFound
        self._releases[brake_id] = self._releases.get(brake_id, 0) + 1
