"""Writes sample rows to a SQL database, by statements of its own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Column, MetaData, Table, Text, and_, delete, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from samples.records.shapes import SqlRow
from shared.domain.data_map import Dataset


class SqlStore:
    """One database. Every column is text: that is what each database takes and gives back as it was."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, tables: Iterable[Table]) -> None:
        """Make the tables that are not there yet."""
        async with self._engine.begin() as connection:
            for table in tables:
                await connection.run_sync(table.create, checkfirst=True)

    async def write(self, rows: Iterable[SqlRow], tables: Mapping[str, Table]) -> None:
        """Replace rows by their keys, in one transaction."""
        held: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in rows:
            held[row.table].append(row.values)
        async with self._engine.begin() as connection:
            for name, values in held.items():
                table = tables[name]
                for one in values:
                    same = and_(*(column == one[column.name] for column in table.primary_key))
                    await connection.execute(delete(table).where(same))
                await connection.execute(insert(table), values)


def table_of(dataset: Dataset) -> Table:
    """Return the table that the data map describes: its fields, its key, and what it is searched by."""
    keys = [name.strip() for name in dataset.settings["key"].split(",")]
    names = [*keys, *(one.name for one in dataset.fields), *(way.at["column"] for way in dataset.found_by)]
    columns = [Column(name, Text, primary_key=name in keys) for name in dict.fromkeys(names)]
    return Table(dataset.settings["table"], MetaData(), *columns)
