"""What the app told of people's accounts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.account_event import AccountEvent


class AccountEvents(Protocol):
    """Signs of a possible takeover, by the keyed reference of the account or address."""

    async def add(self, subject_ref: str, event: AccountEvent) -> None:
        """Note an event; the same id again is no error."""
        ...

    async def since(self, subject_refs: Sequence[str], moment: datetime) -> Sequence[AccountEvent]:
        """Return the events under any of these references at that moment or later, the newest first."""
        ...

    async def remove(self, subject_ref: str, event_id: str) -> None:
        """Forget an event; one that is gone is no error."""
        ...
