"""Records of consent in an Azure table: PartitionKey is the person's reference, RowKey a line's id, written once."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from shared.adapters.azure_table import AzureTable
from shared.adapters.azure_tables_rows import packed, unpacked
from shared.domain.errors import AlreadyThere
from shared.domain.measure import ConsentEvent
from shared.use_cases.together import together


class AzureTablesConsents:
    """Lines are inserted, and replaced by nobody."""

    def __init__(self, table: AzureTable) -> None:
        self._table = table

    async def add(self, subject_ref: str, event: ConsentEvent) -> None:
        """Add a line."""
        with suppress(AlreadyThere):
            await self._table.insert({"PartitionKey": subject_ref, "RowKey": event.id, **packed(event)})

    async def of(self, subject_refs: Sequence[str]) -> Sequence[ConsentEvent]:
        """Return all lines, the oldest first."""
        found = await together([self._under(ref) for ref in dict.fromkeys(subject_refs)])
        once = {one.id: one for some in found for one in some}
        return sorted(once.values(), key=lambda one: (one.at, one.id))

    async def remove(self, subject_ref: str, before: datetime) -> None:
        """Delete lines older than that."""
        for one in await self._under(subject_ref):
            if one.at < before:
                await self._table.delete(subject_ref, one.id)

    async def _under(self, subject_ref: str) -> list[ConsentEvent]:
        rows = self._table.query("PartitionKey eq @ref", {"ref": subject_ref})
        return [unpacked(ConsentEvent, row) async for row in rows]
