"""Work on a person's rows of one table, page by page, each statement in a transaction of its own."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Delete, Row, Update
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.connectors._shape import Shape
from shared.connectors._sql_anonymise import Anonymising
from shared.connectors._sql_catalog import columns_of
from shared.connectors._sql_columns import written
from shared.connectors._sql_failures import CONFLICT, sql_failures
from shared.connectors._sql_rectify import Correcting
from shared.connectors._sql_table import Key, SqlTable
from shared.connectors._sql_values import Reader
from shared.connectors._ways import Wanted
from shared.domain.data_map import Dataset
from shared.domain.errors import Permanent, Transient
from shared.ports.connector import Erasure, Record, Rectification

MOST = 1000
_FEW, _MANY = 100, 10_000  # few before it is known how large rows are
_BYTES = 4 * 1024 * 1024
_CONFLICTS = 2  # how often a transaction that gave way to another is begun anew

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
        """Read them: records, how many could not be read, and where the page ends."""
        reader, skip = Reader(self.table, Shape(dataset)), len(self.table.keys)
        async for rows, last in self._pages(reader.columns, after):
            records, unreadable = reader.records([row[skip:] for row in rows])
            yield records, unreadable, last

    async def deletions(self, erasure: Erasure, after: Key | None) -> AsyncIterator[tuple[int, Last]]:
        """Delete them: how many went, and where the step ends."""
        async for rows, last in self._pages((), after):
            statements = [self.table.deleted([tuple(row) for row in rows])] if rows else []
            yield await self._carry_out(erasure, statements), last

    async def changes(self, dataset: Dataset, erasure: Erasure, after: Key | None) -> AsyncIterator[tuple[int, Last]]:
        """Anonymise them: how many were changed, and where the step ends. Rows that come to the same go together."""
        anonymising, keys = Anonymising(dataset, self.table), len(self.table.keys)
        async for rows, last in self._pages(anonymising.columns, after):
            alike: dict[tuple[Any, ...], list[Key]] = {}
            for row in rows:
                alike.setdefault(anonymising.left_of(row[keys:]), []).append(tuple(row[:keys]))
            changes = [self.table.changed(chosen, anonymising.values(left)) for left, chosen in alike.items()]
            yield await self._carry_out(erasure, changes), last

    async def lost_without(self, others: Sequence[Wanted]) -> bool:
        """Tell whether any of them would not be found by these searches alone."""
        with sql_failures():
            async with self._engine.connect() as connection:
                found = (await connection.execute(self.table.counted_among(others))).scalar_one()
        return found < await self.count()

    async def corrections(
        self, dataset: Dataset, rectification: Rectification, after: Key | None
    ) -> AsyncIterator[tuple[int, Last]]:
        """Correct them: how many say what they should, and where the step ends. Rows that change alike go together."""
        correcting, keys = Correcting(dataset, self.table, rectification.values), len(self.table.keys)
        async for rows, last in self._pages(correcting.columns, after):
            alike: dict[tuple[Any, ...], tuple[Sequence[Any], list[Key]]] = {}
            right = 0
            for row in rows:
                before, now = tuple(row[keys:]), correcting.after(row[keys:])
                if now == before:
                    right += 1
                    continue
                still = tuple(correcting.still(before).items())
                alike.setdefault((now, still), (before, []))[1].append(tuple(row[:keys]))
            changes = [
                self.table.changed(chosen, correcting.values(now), correcting.still(before))
                for (now, _), (before, chosen) in alike.items()
            ]
            yield right + await self._carry_out(rectification, changes), last

    async def _carry_out(self, erasure: Erasure | Rectification, statements: Sequence[Delete | Update]) -> int:
        """Delete or change rows in one transaction, and return how many they were."""
        for attempt in range(_CONFLICTS + 1) if statements else ():
            await erasure.may_proceed()
            try:
                with sql_failures():
                    async with self._engine.begin() as connection:
                        return sum([(await connection.execute(one)).rowcount for one in statements])
            except Transient as error:
                if error.code != CONFLICT or attempt == _CONFLICTS:
                    raise
        return 0

    async def _pages(
        self, columns: Sequence[ColumnElement[Any]], after: Key | None
    ) -> AsyncIterator[tuple[Sequence[Row[Any]], Last]]:
        """Yield pages of rows, and the key each ends with where there are more.

        A database may have to sort all that is left for each listing, so one listing brings several pages; fewer where
        rows are large, so that they never take much memory.
        """
        most = _FEW
        while True:
            rows, goes_on = await self._listed(columns, after, most)
            for first in range(0, len(rows) or 1, MOST):
                page = rows[first : first + MOST]
                more = goes_on or first + MOST < len(rows)
                after = self._key(page[-1]) if more else None
                yield page, [written(value) for value in after] if after else None
            if not goes_on:
                return
            most = min(_MANY, max(1, _BYTES * len(rows) // (1 + sum(map(_size, rows)))))

    async def _listed(
        self, columns: Sequence[ColumnElement[Any]], after: Key | None, most: int
    ) -> tuple[Sequence[Row[Any]], bool]:
        """Return rows, and whether there are more.

        Raises:
            Permanent: `key_not_unique`, what the map calls the key is not one, and rows could be passed over.
        """
        with sql_failures():
            async with self._engine.connect() as connection:
                rows = (await connection.execute(self.table.listed(columns, after, most + 1))).all()
        keys = {self._key(row) for row in rows}
        if len(keys) < len(rows) or any(None in key for key in keys):
            raise Permanent("key_not_unique")
        return rows[:most], len(rows) > most

    def _key(self, row: Row[Any]) -> Key:
        return tuple(row[: len(self.table.keys)])


def _size(row: Row[Any]) -> int:
    return sum(len(value) if isinstance(value, str | bytes) else 8 for value in row)
