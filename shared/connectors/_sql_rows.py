"""Work on a person's rows of one table, page by page, each statement in a transaction of its own."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.connectors._shape import Shape
from shared.connectors._sql_anonymise import Anonymising
from shared.connectors._sql_columns import columns_of, written
from shared.connectors._sql_failures import sql_failures
from shared.connectors._sql_table import Key, SqlTable
from shared.connectors._sql_values import Reader
from shared.connectors._ways import Wanted
from shared.domain.data_map import Dataset
from shared.domain.errors import Permanent
from shared.ports.connector import Erasure, Record

MOST = 1000
_FEW = 100  # before it is known how large rows are
_BYTES = 4 * 1024 * 1024

type Last = Sequence[Any] | None
"""The key a page ends with, as JSON can hold it; None after the last page."""


async def open_rows(engine: AsyncEngine, dataset: Dataset, looked_for: Sequence[Wanted]) -> "SqlRows":
    """Look the table up, and return the rows that are looked for.

    Raises:
        Transient, Permanent: as a connector does.
    """
    columns = await columns_of(engine, dataset)
    return SqlRows(engine, SqlTable(dataset, columns, looked_for, postgresql=engine.dialect.name == "postgresql"))


class SqlRows:
    """The rows that were looked for."""

    def __init__(self, engine: AsyncEngine, table: SqlTable) -> None:
        self._engine = engine
        self.table = table

    async def count(self) -> int:
        """Count them."""
        with sql_failures():
            async with self._engine.connect() as connection:
                return (await connection.execute(self.table.counted())).scalar_one()

    async def records(self, dataset: Dataset, after: Key | None) -> AsyncIterator[tuple[list[Record], int, Last]]:
        """Read them: records, how many could not be read, and where the page ends. No page holds much memory."""
        reader = Reader(self.table, Shape(dataset))
        skip, most = len(self.table.keys), _FEW
        while True:
            rows, last = await self._page(reader.columns, after, most)
            records, unreadable = reader.records([row[skip:] for row in rows])
            yield records, unreadable, _written(last)
            if last is None:
                return
            after = last
            most = min(MOST, max(1, _BYTES * len(rows) // (1 + sum(map(_size, rows)))))

    async def deletions(self, erasure: Erasure, after: Key | None) -> AsyncIterator[tuple[int, Last]]:
        """Delete them: how many went, and where the step ends."""
        while True:
            rows, last = await self._page((), after, MOST)
            count = 0
            if rows:
                await erasure.may_proceed()
                with sql_failures():
                    async with self._engine.begin() as connection:
                        count = (await connection.execute(self.table.deleted([tuple(row) for row in rows]))).rowcount
            yield count, _written(last)
            if last is None:
                return
            after = last

    async def changes(self, dataset: Dataset, erasure: Erasure, after: Key | None) -> AsyncIterator[tuple[int, Last]]:
        """Anonymise them: how many were changed, and where the step ends. Rows that come to the same go together."""
        anonymising, keys = Anonymising(dataset, self.table), len(self.table.keys)
        while True:
            rows, last = await self._page(anonymising.columns, after, MOST)
            count = 0
            if rows:
                alike: dict[tuple[Any, ...], list[Key]] = {}
                for row in rows:
                    alike.setdefault(anonymising.left_of(row[keys:]), []).append(tuple(row[:keys]))
                await erasure.may_proceed()
                with sql_failures():
                    async with self._engine.begin() as connection:
                        for left, chosen in alike.items():
                            change = self.table.changed(chosen, anonymising.values(left))
                            count += (await connection.execute(change)).rowcount
            yield count, _written(last)
            if last is None:
                return
            after = last

    async def _page(
        self, columns: Sequence[ColumnElement[Any]], after: Key | None, most: int
    ) -> tuple[Sequence[Row[Any]], Key | None]:
        """Return a page of rows, and the key it ends with where there are more.

        Raises:
            Permanent: `key_not_unique`, what the map calls the key is not one, and rows could be passed over.
        """
        with sql_failures():
            async with self._engine.connect() as connection:
                rows = (await connection.execute(self.table.listed(columns, after, most + 1))).all()
        keys = [tuple(row[: len(self.table.keys)]) for row in rows]
        if len(set(keys)) < len(keys) or any(None in key for key in keys):
            raise Permanent("key_not_unique")
        return rows[:most], keys[most - 1] if len(rows) > most else None


def _written(last: Key | None) -> Last:
    return [written(value) for value in last] if last is not None else None


def _size(row: Row[Any]) -> int:
    return sum(len(value) if isinstance(value, str | bytes) else 8 for value in row)
