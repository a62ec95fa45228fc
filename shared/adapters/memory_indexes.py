"""The small indexes held in memory: waits, deadlines, subjects, exports."""

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.domain.errors import NotFound
from shared.domain.request import RequestId
from shared.ports.requests import Wait


class MemoryWaits:
    """The due index."""

    def __init__(self) -> None:
        self._waits: set[tuple[datetime, RequestId]] = set()

    async def add(self, request_id: RequestId, at: datetime) -> None:
        """Note a wait."""
        self._waits.add((at.astimezone(UTC), request_id))

    async def due(self, now: datetime, limit: int) -> Sequence[Wait]:
        """Return the oldest waits whose time has come."""
        due = sorted(wait for wait in self._waits if wait[0] <= now)
        return [Wait(request_id=request_id, at=at) for at, request_id in due[:limit]]

    async def remove(self, wait: Wait) -> None:
        """Remove a wait."""
        self._waits.discard((wait.at.astimezone(UTC), wait.request_id))


class MemoryDeadlines:
    """Requests by due instant. The cursor is the last place given."""

    def __init__(self) -> None:
        self._due: set[tuple[datetime, RequestId]] = set()

    async def add(self, request_id: RequestId, due_at: datetime) -> None:
        """Index a request."""
        self._due.add((due_at.astimezone(UTC), request_id))

    async def between(
        self, first: datetime, last: datetime, limit: int, cursor: str | None = None
    ) -> tuple[Sequence[RequestId], str | None]:
        """Return requests due in a span."""
        span = sorted(
            (f"{at:%Y-%m-%dT%H:%M:%S.%fZ}|{request_id}", request_id)
            for at, request_id in self._due
            if first <= at <= last
        )
        found = [one for one in span if one[0] > (cursor or "")]
        given = found[:limit]
        return [request_id for _, request_id in given], given[-1][0] if len(found) > limit else None

    async def remove(self, request_id: RequestId, due_at: datetime) -> None:
        """Take a request out."""
        self._due.discard((due_at.astimezone(UTC), request_id))


class MemorySubjects:
    """Requests by subject reference."""

    def __init__(self) -> None:
        self._requests: dict[str, dict[RequestId, None]] = {}

    async def add(self, subject_ref: str, request_id: RequestId) -> None:
        """Index a request."""
        self._requests.setdefault(subject_ref, {})[request_id] = None

    async def requests(self, subject_refs: Sequence[str]) -> Sequence[RequestId]:
        """Return the requests under any of the references, each once."""
        return list(dict.fromkeys(one for ref in subject_refs for one in self._requests.get(ref, ())))

    async def remove(self, subject_ref: str, request_id: RequestId) -> None:
        """Take a request out."""
        self._requests.get(subject_ref, {}).pop(request_id, None)


class MemoryExports:
    """Requests by export."""

    def __init__(self) -> None:
        self._requests: dict[str, RequestId] = {}

    async def add(self, export_id: str, request_id: RequestId) -> None:
        """Index an export."""
        self._requests[export_id] = request_id

    async def request_of(self, export_id: str) -> RequestId:
        """Return the export's request."""
        if export_id not in self._requests:
            raise NotFound(export_id)
        return self._requests[export_id]

    async def remove(self, export_id: str) -> None:
        """Take an export out."""
        self._requests.pop(export_id, None)
