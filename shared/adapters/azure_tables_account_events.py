"""Account events in an Azure table: by reference, to be asked of a person, and by day, to be forgotten in time.

PartitionKey is a reference and RowKey `<instant>|<event id>`; and once more with the day as PartitionKey, which sorts
before every reference, and the references in the row. That row is written first and deleted last, so that no other is
ever left behind.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from shared.adapters.azure_table import AzureTable
from shared.adapters.azure_tables_rows import packed, unpacked
from shared.domain.account_event import AccountEvent
from shared.ports.accounts import NotedEvent

_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"  # of one width, so that it sorts as time does
_DAY = len("2026-11-23")
_FIRST_DAY = "0"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_INSTANT)


class AzureTablesAccountEvents:
    """Signs of a possible takeover."""

    def __init__(self, table: AzureTable) -> None:
        self._table = table

    async def add(self, subject_refs: Sequence[str], event: AccountEvent) -> None:
        """Note an event."""
        instant = _instant(event.at)
        row = f"{instant}|{event.id}"
        await self._table.upsert(
            {"PartitionKey": instant[:_DAY], "RowKey": row, "refs": json.dumps(list(subject_refs))}
        )
        told = packed(event)
        await asyncio.gather(
            *(self._table.upsert({"PartitionKey": ref, "RowKey": row, **told}) for ref in dict.fromkeys(subject_refs))
        )

    async def since(self, subject_refs: Sequence[str], moment: datetime) -> Sequence[AccountEvent]:
        """Return the newer events."""
        start = _instant(moment)
        found = await asyncio.gather(*(self._under(ref, start) for ref in dict.fromkeys(subject_refs)))
        events = {event.id: event for some in found for event in some}
        return sorted(events.values(), key=lambda event: (event.at, event.id), reverse=True)

    async def before(self, moment: datetime, limit: int) -> Sequence[NotedEvent]:
        """Return the older events."""
        end = _instant(moment)
        text = "PartitionKey ge @first and PartitionKey le @day and RowKey lt @end"
        bounds = {"first": _FIRST_DAY, "day": end[:_DAY], "end": end}
        noted: list[NotedEvent] = []
        async for row in self._table.query(text, bounds, limit=limit):
            at, _, event_id = row["RowKey"].partition("|")
            refs = tuple(json.loads(row["refs"]))
            noted.append(NotedEvent(id=event_id, at=datetime.fromisoformat(at), subject_refs=refs))
            if len(noted) == limit:
                break
        return noted

    async def remove(self, noted: NotedEvent) -> None:
        """Forget an event."""
        instant = _instant(noted.at)
        row = f"{instant}|{noted.id}"
        await asyncio.gather(*(self._table.delete(ref, row) for ref in noted.subject_refs))
        await self._table.delete(instant[:_DAY], row)

    async def _under(self, ref: str, start: str) -> list[AccountEvent]:
        rows = self._table.query("PartitionKey eq @ref and RowKey ge @start", {"ref": ref, "start": start})
        return [unpacked(AccountEvent, row) async for row in rows]
