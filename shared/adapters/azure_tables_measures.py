"""Limits on processing in an Azure table: one row a handle, which is its own partition, read in one call."""

import time
from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from shared.adapters.azure_table import AzureTable, etag_of
from shared.adapters.azure_tables_rows import packed, unpacked
from shared.domain.errors import AlreadyThere, StaleState, Transient
from shared.domain.measure import Measure

_ROW = "limits"
_KEEPING = "keeping"  # the partition that lists the handles of what keeps data from being erased, one row each
_TRIES = 12
_SHARED_FOR = 2.0  # seconds


class _Under(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True)

    version: int = 0
    measures: Mapping[str, Measure] = {}


class AzureTablesMeasures:
    """PartitionKey is the handle; a write asks for the row's ETag, so that no change and no version is lost.

    What keeps data from erasure is asked before every deletion: one look serves all that are asked within two seconds.
    """

    def __init__(self, table: AzureTable) -> None:
        self._table = table
        self._keeping: tuple[float, frozenset[str]] | None = None

    async def put(self, handles: Sequence[str], measure: Measure) -> dict[str, int]:
        """Set a measure."""
        versions = {}
        for handle in handles:
            if measure.keeps:
                await self._table.upsert({"PartitionKey": _KEEPING, "RowKey": handle})
                self._keeping = None
            versions[handle] = await self._change(handle, lambda under: _with(under, measure))
        return versions

    async def of(self, handle: str) -> tuple[Sequence[Measure], int]:
        """Return what is under a handle."""
        row = await self._table.get(handle, _ROW)
        under = _Under() if row is None else unpacked(_Under, row)
        return [under.measures[name] for name in sorted(under.measures)], under.version

    async def remove(self, handle: str, measure_id: str) -> None:
        """Forget a measure."""
        await self._change(handle, lambda under: _without(under, measure_id))

    async def keeping(self) -> frozenset[str]:
        """Return the handles of what keeps data."""
        begun = time.monotonic()
        if self._keeping is not None and begun - self._keeping[0] < _SHARED_FOR:
            return self._keeping[1]
        rows = self._table.query("PartitionKey eq @kind", {"kind": _KEEPING}, select=["RowKey"])
        found = frozenset([row["RowKey"] async for row in rows])
        self._keeping = (begun, found)
        return found

    async def _change(self, handle: str, change: Callable[[_Under], _Under]) -> int:
        """Change what is under a handle, on the newest of it, and return its version."""
        for _ in range(_TRIES):
            row = await self._table.get(handle, _ROW)
            before = _Under() if row is None else unpacked(_Under, row)
            after = change(before)
            if after == before:
                return before.version
            entity = {"PartitionKey": handle, "RowKey": _ROW, **packed(after)}
            try:
                if row is None:
                    await self._table.insert(entity)
                else:
                    await self._table.replace(entity, etag_of(row))
            except (AlreadyThere, StaleState):
                continue
            return after.version
        raise Transient("limits_contended")


def _with(under: _Under, measure: Measure) -> _Under:
    before = under.measures.get(measure.id)
    after = measure.after(before)
    if before == after:
        return under
    return _Under(version=under.version + 1, measures={**under.measures, measure.id: after})


def _without(under: _Under, measure_id: str) -> _Under:
    kept = {name: one for name, one in under.measures.items() if name != measure_id}
    return _Under(version=under.version, measures=kept)
