"""What the app told of people's accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.account_event import AccountEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedEvent:
    """Where an event stands: under which references it is found."""

    id: str
    at: datetime
    subject_refs: tuple[str, ...]


class AccountEvents(Protocol):
    """Signs of a possible takeover, by the keyed references of the account and its addresses."""

    async def add(self, subject_refs: Sequence[str], event: AccountEvent) -> None:
        """Note an event under every reference; the same id again is no error."""
        ...

    async def since(self, subject_refs: Sequence[str], moment: datetime) -> Sequence[AccountEvent]:
        """Return the events under any of these references at that moment or later, each once, the newest first."""
        ...

    async def before(self, moment: datetime, limit: int) -> Sequence[NotedEvent]:
        """Return the oldest events of before that moment, at most `limit`."""
        ...

    async def remove(self, noted: NotedEvent) -> None:
        """Forget an event under all its references; one that is gone is no error."""
        ...
