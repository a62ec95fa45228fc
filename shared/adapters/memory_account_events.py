"""Account events held in memory."""

from collections.abc import Sequence
from datetime import datetime

from shared.domain.account_event import AccountEvent
from shared.ports.accounts import NotedEvent


class MemoryAccountEvents:
    """Events by id, each with the references it is found by."""

    def __init__(self) -> None:
        self.events: dict[str, tuple[AccountEvent, tuple[str, ...]]] = {}

    async def add(self, subject_refs: Sequence[str], event: AccountEvent) -> None:
        """Note an event."""
        self.events[event.id] = (event, tuple(subject_refs))

    async def since(self, subject_refs: Sequence[str], moment: datetime) -> Sequence[AccountEvent]:
        """Return the newer events."""
        asked = set(subject_refs)
        found = [event for event, refs in self.events.values() if asked.intersection(refs) and event.at >= moment]
        return sorted(found, key=lambda event: (event.at, event.id), reverse=True)

    async def before(self, moment: datetime, limit: int) -> Sequence[NotedEvent]:
        """Return the older events."""
        older = [(event.at, event.id, refs) for event, refs in self.events.values() if event.at < moment]
        return [NotedEvent(id=event_id, at=at, subject_refs=refs) for at, event_id, refs in sorted(older)[:limit]]

    async def remove(self, noted: NotedEvent) -> None:
        """Forget an event."""
        self.events.pop(noted.id, None)
