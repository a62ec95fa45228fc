"""Records of consent held in memory."""

from collections.abc import Sequence
from datetime import datetime

from shared.domain.measure import ConsentEvent


class MemoryConsents:
    """By reference, lines by id."""

    def __init__(self) -> None:
        self._lines: dict[str, dict[str, ConsentEvent]] = {}

    async def add(self, subject_ref: str, event: ConsentEvent) -> None:
        """Add a line."""
        self._lines.setdefault(subject_ref, {}).setdefault(event.id, event)

    async def of(self, subject_refs: Sequence[str]) -> Sequence[ConsentEvent]:
        """Return all lines, the oldest first."""
        found = {one.id: one for ref in subject_refs for one in self._lines.get(ref, {}).values()}
        return sorted(found.values(), key=lambda one: (one.at, one.id))

    async def remove(self, subject_ref: str, before: datetime) -> None:
        """Delete lines older than that."""
        there = self._lines.get(subject_ref, {})
        self._lines[subject_ref] = {name: one for name, one in there.items() if one.at >= before}
