"""Places in SQL databases, each filled and looked into by the driver alone."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

import asyncpg
from places import Place

from shared.adapters.sql_engines import SqlEngines

COLUMNS = ("id", "tenantId", "owner", "oid", "number", "note", "secret", "unnamed")


class SqlStores:
    """One database as connectors ask for it, and its address for those who do not."""

    def __init__(self, url):
        self.url = url.partition("?")[0]
        self._engines = SqlEngines({"spindata": url}, lambda: None)

    def sql(self, store):
        return self._engines.engine(store)

    async def close(self):
        await self._engines.close()

    @property
    def file(self):
        return Path(self.url.removeprefix("sqlite+aiosqlite:///"))

    async def plainly(self, statement, rows=None):
        """Run a statement of the test's own: once, or for every row; return what it finds."""
        if not self.url.startswith("sqlite"):
            connection = await asyncpg.connect(self.url.replace("+asyncpg", ""), ssl=False)
            try:
                return [tuple(one) for one in await self._by_asyncpg(connection, statement, rows)]
            finally:
                await connection.close()
        with closing(sqlite3.connect(self.file)) as connection, connection:
            if rows is not None:
                connection.executemany(statement, rows)
                return []
            return connection.execute(statement).fetchall()

    async def _by_asyncpg(self, connection, statement, rows):
        if rows is None:
            return await connection.fetch(statement)
        await connection.executemany(statement, rows)
        return []


class InSql(Place):
    kind, how, at = "sql", "column", {"column": "owner"}
    second: ClassVar = {"how": "column", "at": {"column": "oid"}}
    key = "id"

    def settings(self):
        return {"table": self.name, "key": self.key}

    async def make(self):
        await self.stores.plainly(
            f'CREATE TABLE {self.name} (id {self.id_type} PRIMARY KEY, "tenantId" TEXT, owner TEXT, oid TEXT, '
            "number BIGINT, note TEXT, secret TEXT, unnamed TEXT)"
        )

    async def put(self, held):
        rows = [
            {"id": self.fresh_id(), **row, "owner": self.keep(value), "tenantId": row.get("tenantId", tenant)}
            for value, tenant, row in held
        ]
        names = ", ".join(f'"{name}"' for name in COLUMNS)
        marks = ", ".join(self.marks(len(COLUMNS)))
        await self.stores.plainly(
            f"INSERT INTO {self.name} ({names}) VALUES ({marks})",
            [tuple(row.get(name) for name in COLUMNS) for row in rows],
        )

    def keep(self, value):
        return value

    async def dump(self):
        """Every row as it stands, by its key."""
        return await self.stores.plainly(f"SELECT * FROM {self.name} ORDER BY id")


class InSqlite(InSql):
    stores_from, id_type = "sqlite_stores", "INTEGER"

    def fresh_id(self):
        return None

    def marks(self, count):
        return ["?"] * count


class InPostgres(InSql):
    stores_from, id_type = "postgres_stores", "UUID"

    def fresh_id(self):
        return uuid4()

    def marks(self, count):
        return [f"${number}" for number in range(1, count + 1)]


class FoldedInSqlite(InSqlite):
    at: ClassVar = {"column": "owner", "fold": "lower"}

    def keep(self, value):
        return value.upper()


class FoldedInPostgres(InPostgres):
    at: ClassVar = {"column": "owner", "fold": "lower"}

    def keep(self, value):
        return value.upper()


SQL_PLACES = [InSqlite, InPostgres, FoldedInSqlite, FoldedInPostgres]
