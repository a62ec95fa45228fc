"""Where limits on processing and consents are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.measure import ConsentEvent, Measure


class Measures(Protocol):
    """Limits on processing by opaque handle: each of a person's identifiers has one, and each knows them all."""

    async def put(self, handles: Sequence[str], measure: Measure) -> dict[str, int]:
        """Set a measure under every handle, replacing the one of its id; return each handle's version.

        The version grows by one where something changed; the same again changes nothing. What has ended does not begin
        again.
        """
        ...

    async def of(self, handle: str) -> tuple[Sequence[Measure], int]:
        """Return every measure under a handle, lifted ones included, by id, and the handle's version (0: none ever)."""
        ...

    async def remove(self, handle: str, measure_id: str) -> None:
        """Forget a measure whose time is over; one that is gone is no error. The version stays as it is."""
        ...

    async def keeping(self) -> frozenset[str]:
        """Return, in one query, the handles under which a measure has ever kept data from being erased.

        There are few, and mostly none. A handle is among them before its measure is set, and may stay after it ended.
        What another process set may be missing for two seconds.
        """
        ...


class Consents(Protocol):
    """Every person's record of consent: lines are added and never changed."""

    async def add(self, subject_ref: str, event: ConsentEvent) -> None:
        """Add a line; the same id again is no error and changes nothing."""
        ...

    async def of(self, subject_refs: Sequence[str]) -> Sequence[ConsentEvent]:
        """Return all lines under any of these references, the oldest first, each once."""
        ...

    async def remove(self, subject_ref: str, before: datetime) -> None:
        """Delete lines older than that: for the end of their own retention alone."""
        ...
