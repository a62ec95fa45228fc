"""Wait for a customer to decide its case: remind it, ask others who may decide, and say at the end who kept silent."""

from dataclasses import dataclass
from datetime import datetime

from shared.ports.requests import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitingControllers:
    """The ladder of a forwarded case. Silence is never approval."""

    async def look(self, case: Case, now: datetime) -> datetime | None:
        """Climb, if it is time, and return when to look again; None where the case moved and wants a new look."""
        return None
