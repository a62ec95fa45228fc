"""The small indexes in Azure Tables: written before a request commits, tolerant of orphans and repeats."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from shared.adapters.azure_table import AzureTable
from shared.domain.errors import NotFound
from shared.domain.request import RequestId
from shared.ports.requests import Wait

_BEHIND = "~"  # sorts behind every request id
_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"  # of one width, so that it sorts as time does
_HOUR, _DAY = len("2026-11-23T19"), len("2026-11-23")
_EXPORT = "export"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_INSTANT)


class AzureTablesWaits:
    """PartitionKey is the UTC hour, RowKey `<instant>|<request id>`: what is not due yet is never read."""

    def __init__(self, table: AzureTable) -> None:
        self._table = table

    async def add(self, request_id: RequestId, at: datetime) -> None:
        """Note a wait."""
        instant = _instant(at)
        await self._table.upsert({"PartitionKey": instant[:_HOUR], "RowKey": f"{instant}|{request_id}"})

    async def due(self, now: datetime, limit: int) -> Sequence[Wait]:
        """Return the oldest waits whose time has come."""
        instant = _instant(now)
        text = "PartitionKey le @hour and RowKey le @last"
        bounds = {"hour": instant[:_HOUR], "last": f"{instant}|{_BEHIND}"}
        found: list[Wait] = []
        async for row in self._table.query(text, bounds, limit=limit, select=["RowKey"]):
            at, _, request_id = row["RowKey"].partition("|")
            found.append(Wait(request_id=RequestId(request_id), at=datetime.fromisoformat(at)))
            if len(found) == limit:
                break
        return found

    async def remove(self, wait: Wait) -> None:
        """Remove a wait."""
        instant = _instant(wait.at)
        await self._table.delete(instant[:_HOUR], f"{instant}|{wait.request_id}")


class AzureTablesDeadlines:
    """PartitionKey is the UTC day, RowKey `<instant>|<request id>`; the cursor is the last RowKey given."""

    def __init__(self, table: AzureTable) -> None:
        self._table = table

    async def add(self, request_id: RequestId, due_at: datetime) -> None:
        """Index a request."""
        instant = _instant(due_at)
        await self._table.upsert({"PartitionKey": instant[:_DAY], "RowKey": f"{instant}|{request_id}"})

    async def between(
        self, first: datetime, last: datetime, limit: int, cursor: str | None = None
    ) -> tuple[Sequence[RequestId], str | None]:
        """Return requests due in a span."""
        start = max(_instant(first), cursor or "")
        end = _instant(last)
        text = "PartitionKey ge @first_day and PartitionKey le @last_day and RowKey gt @start and RowKey le @end"
        bounds = {"first_day": start[:_DAY], "last_day": end[:_DAY], "start": start, "end": f"{end}|{_BEHIND}"}
        keys: list[str] = []
        async for row in self._table.query(text, bounds, limit=limit + 1, select=["RowKey"]):
            keys.append(row["RowKey"])
            if len(keys) > limit:
                break
        given = keys[:limit]
        return [RequestId(key.partition("|")[2]) for key in given], given[-1] if len(keys) > limit else None

    async def remove(self, request_id: RequestId, due_at: datetime) -> None:
        """Take a request out."""
        instant = _instant(due_at)
        await self._table.delete(instant[:_DAY], f"{instant}|{request_id}")


class AzureTablesSubjects:
    """PartitionKey is the reference, RowKey the request id."""

    def __init__(self, table: AzureTable) -> None:
        self._table = table

    async def add(self, subject_ref: str, request_id: RequestId) -> None:
        """Index a request."""
        await self._table.upsert({"PartitionKey": subject_ref, "RowKey": request_id})

    async def requests(self, subject_refs: Sequence[str]) -> Sequence[RequestId]:
        """Return the requests under any of the references, each once."""
        found = await asyncio.gather(*(self._under(ref) for ref in dict.fromkeys(subject_refs)))
        return list(dict.fromkeys(request_id for some in found for request_id in some))

    async def remove(self, subject_ref: str, request_id: RequestId) -> None:
        """Take a request out."""
        await self._table.delete(subject_ref, request_id)

    async def _under(self, subject_ref: str) -> list[RequestId]:
        rows = self._table.query("PartitionKey eq @ref", {"ref": subject_ref}, select=["RowKey"])
        return [RequestId(row["RowKey"]) async for row in rows]


class AzureTablesExports:
    """PartitionKey is the export's id, its one row names the request."""

    def __init__(self, table: AzureTable) -> None:
        self._table = table

    async def add(self, export_id: str, request_id: RequestId) -> None:
        """Index an export."""
        await self._table.upsert({"PartitionKey": export_id, "RowKey": _EXPORT, "request": request_id})

    async def request_of(self, export_id: str) -> RequestId:
        """Return the export's request."""
        found = await self._table.get(export_id, _EXPORT)
        if found is None:
            raise NotFound(export_id)
        return RequestId(found["request"])

    async def remove(self, export_id: str) -> None:
        """Take an export out."""
        await self._table.delete(export_id, _EXPORT)
