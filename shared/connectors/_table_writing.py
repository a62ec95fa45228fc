"""Writing rows that were read: each under its ETag, a hundred in one transaction."""

import asyncio
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from shared.connectors._failures import azure_failures, by_status
from shared.connectors._stores import Transactions, Write
from shared.connectors._table_rows import ANNOTATED, pages_of
from shared.connectors._table_search import Query, Row, Search
from shared.domain.errors import Permanent, Transient

if TYPE_CHECKING:
    from azure.data.tables.aio import TableClient

KEYS = frozenset({"PartitionKey", "RowKey"})
AT_ONCE = 6
_DONE, _GONE, _CHANGED = 202, 404, 412
_ROWS, _BYTES = 100, 900_000  # of one transaction; the service takes 4 MiB, the event loop no more at a time
_LOOKS = 5


class RowWriter:
    """Writes rows that one search has found in one table: what `write` says of each, None where it is well already.

    `columns` are what `write` reads of a row.
    """

    def __init__(
        self,
        table: "TableClient",
        transactions: Transactions,
        search: Search,
        columns: Collection[str],
        write: Callable[[Row], Write | None],
    ) -> None:
        self._table = table
        self._transactions = transactions
        self._search = search
        self._write = write
        self._columns = KEYS.union(search.reads, columns)

    async def write(self, rows: Sequence[Row]) -> int:
        """Return how many of these rows are as they should be: those that are gone, or another's by now, do not count.

        Raises:
            Transient, Permanent: as a connector does; and what `write` raises.
        """
        planned = [self._write(row) for row in rows]
        writes = [one for one in planned if one is not None]
        waiting = iter(_transactions(writes))

        async def work() -> int:
            return sum([await self._together(some) for some in waiting])

        told = await asyncio.gather(*(work() for _ in range(AT_ONCE)), return_exceptions=True)
        failures = [one for one in told if isinstance(one, BaseException)]
        if failures:
            raise failures[0]
        return len(planned) - len(writes) + sum(one for one in told if isinstance(one, int))

    async def _together(self, writes: Sequence[Write]) -> int:
        status = await self._submit(writes)
        if status == _DONE:
            return len(writes)
        return sum([await self._alone(write) for write in writes])

    async def _alone(self, write: Write) -> int:
        for _ in range(_LOOKS):
            status = await self._submit([write])
            if status == _DONE:
                return 1
            row = await self._again(write[1]) if status == _CHANGED else None
            if row is None:
                return 0
            fresh = self._write(row)
            if fresh is None:
                return 1
            write = fresh
        raise Transient("changed_meanwhile")

    async def _submit(self, writes: Sequence[Write]) -> int:
        with azure_failures():
            status, table_missing = await self._transactions.submit(writes)
        if table_missing:
            raise Permanent("store_missing")
        if status not in {_DONE, _GONE, _CHANGED}:
            raise by_status(status)
        return status

    async def _again(self, row: Row) -> Row | None:
        """Read a row that changed, None where it is not what is looked for any more."""
        keys = {"partition": row["PartitionKey"], "row": row["RowKey"]}
        query = Query("PartitionKey eq @partition and RowKey eq @row", keys)
        async for page, _ in pages_of(self._table, query, self._columns, accept=ANNOTATED):
            for found in page:
                try:
                    return found if self._search.finds(found) else None
                except ValueError:
                    return None
        return None


def _transactions(writes: Iterable[Write]) -> Iterator[list[Write]]:
    for _, part in groupby(writes, key=lambda write: write[1]["PartitionKey"]):
        together: list[Write] = []
        size = 0
        for write in part:
            more = len(json.dumps(write[1])) if write[0] != "delete" else 0
            if together and (len(together) == _ROWS or size + more > _BYTES):
                yield together
                together, size = [], 0
            together.append(write)
            size += more
        yield together
