"""Watch the clocks of a request: its own, and those of the services it waits for."""

from dataclasses import dataclass
from datetime import datetime

from shared.ports.requests import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchingClocks:
    """Reminds services, tells operators and marks what is at risk, each once."""

    async def watch(self, case: Case, now: datetime) -> bool:
        """Take the next step of the ladder where one is due; tell whether the request moved by it."""
        return False

    def next_look(self, case: Case) -> datetime | None:
        """Return when the next step falls due, None for never."""
        return None
