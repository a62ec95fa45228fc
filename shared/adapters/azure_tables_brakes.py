"""Brakes in an Azure table, one row each; the counting is done by the limits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.adapters.azure_table import AzureTable
from shared.domain.errors import NotFound
from shared.ports.erasing import Brake
from shared.ports.world import Clock, Limits

_PARTITION = "brake"


class AzureTablesBrakes:
    """PartitionKey is `brake`, RowKey its id. `since` is there while it is on; `releases` begins the count anew."""

    def __init__(self, table: AzureTable, limits: Limits, clock: Clock) -> None:
        self._table = table
        self._limits = limits
        self._clock = clock

    async def is_on(self, brake_id: str) -> bool:
        """Tell whether this brake is on."""
        row = await self._table.get(_PARTITION, brake_id)
        return row is not None and "since" in row

    async def count(self, brake_id: str, limit: int, window: timedelta) -> bool:
        """Count one erasure."""
        row = await self._table.get(_PARTITION, brake_id)
        releases: int = row["releases"] if row is not None else 0
        if await self._limits.take(f"brake-{releases}", brake_id, limit, window) is None:
            return True
        if row is None or "since" not in row:
            await self._table.upsert(_row(brake_id, releases, since=self._clock()))
        return False

    async def on(self) -> Sequence[Brake]:
        """Return the brakes that are on."""
        rows = [row async for row in self._table.query("PartitionKey eq @kind", {"kind": _PARTITION})]
        found = [Brake(id=row["RowKey"], since=_at(row["since"])) for row in rows if "since" in row]
        return sorted(found, key=lambda brake: brake.id)

    async def release(self, brake_id: str) -> None:
        """Let go."""
        row = await self._table.get(_PARTITION, brake_id)
        if row is None or "since" not in row:
            raise NotFound
        await self._table.upsert(_row(brake_id, row["releases"] + 1))


def _row(brake_id: str, releases: int, **more: Any) -> dict[str, Any]:
    return {"PartitionKey": _PARTITION, "RowKey": brake_id, "releases": releases, **more}


def _at(value: datetime) -> datetime:
    return datetime.fromtimestamp(value.timestamp(), value.tzinfo)
