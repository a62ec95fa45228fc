"""Which columns a table has, asked of the database itself."""

from typing import Any

from sqlalchemy import Select, Text, cast, column, false, func, not_, null, select, table
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.connectors._sql_columns import Column, Kind
from shared.connectors._sql_failures import sql_failures
from shared.domain.data_map import Dataset
from shared.domain.errors import Permanent

_POSTGRESQL = {
    **dict.fromkeys(("text", "character varying", "name"), Kind.TEXT),
    "character": Kind.PADDED_TEXT,
    "citext": Kind.LENIENT_TEXT,
    **dict.fromkeys(("smallint", "integer", "bigint"), Kind.INTEGER),
    **dict.fromkeys(("boolean", "real", "double precision", "numeric", "bytea"), Kind.PLAIN),
    **dict.fromkeys(("json", "jsonb"), Kind.JSON),
    "uuid": Kind.UUID,
    "date": Kind.DATE,
    "timestamp with time zone": Kind.INSTANT,
    "timestamp without time zone": Kind.LOCAL_TIME,
}


async def columns_of(engine: AsyncEngine, dataset: Dataset) -> dict[str, Column]:
    """Look up a dataset's table.

    Raises:
        Transient, Permanent: as a connector does; `store_missing` where there is no such table.
    """
    schema = dataset.settings.get("schema")
    postgresql = engine.dialect.name == "postgresql"
    asked = (_in_postgresql if postgresql else _in_sqlite)(dataset.settings["table"], schema)
    with sql_failures():
        async with engine.connect() as connection:
            rows = (await connection.execute(asked)).all()
    if not rows:
        raise Permanent("store_missing")
    return {
        name: Column(
            name=name, kind=_kind_of(told, lenient, postgresql=postgresql), nullable=not fixed, derived=bool(derived)
        )
        for name, told, fixed, derived, lenient in rows
    }


def _in_postgresql(name: str, schema: str | None) -> Select[Any]:
    """A domain is what it is a domain over."""
    catalog = {"schema": "pg_catalog"}
    held = table(
        "pg_attribute",
        *(
            column(one)
            for one in ("attname", "attrelid", "atttypid", "attcollation", "attnotnull", "attgenerated", "attnum")
        ),
        column("attisdropped"),
        **catalog,
    )
    relation = table("pg_class", column("oid"), column("relname"), column("relnamespace"), **catalog)
    space = table("pg_namespace", column("oid"), column("nspname"), **catalog)
    collation = table("pg_collation", column("oid"), column("collisdeterministic"), **catalog)
    kind = table("pg_type", column("oid"), column("typbasetype"), **catalog)
    told = func.format_type(func.coalesce(func.nullif(kind.c.typbasetype, 0), kind.c.oid), null())
    found = (
        select(
            held.c.attname,
            told,
            held.c.attnotnull,
            cast(held.c.attgenerated, Text) != "",
            func.coalesce(not_(collation.c.collisdeterministic), false()),
        )
        .join_from(relation, space, relation.c.relnamespace == space.c.oid)
        .join(held, held.c.attrelid == relation.c.oid)
        .join(kind, held.c.atttypid == kind.c.oid)
        .outerjoin(collation, held.c.attcollation == collation.c.oid)
        .where(relation.c.relname == name, held.c.attnum > 0, held.c.attisdropped == false())
    )
    if schema is None:
        return found.where(func.pg_table_is_visible(relation.c.oid))
    return found.where(space.c.nspname == schema)


def _in_sqlite(name: str, schema: str | None) -> Select[Any]:
    where = (name,) if schema is None else (name, schema)
    told = func.pragma_table_xinfo(*where).table_valued("name", "type", "notnull", "hidden")
    return select(told.c.name, told.c.type, told.c.notnull, told.c.hidden, false())


def _kind_of(told: str, lenient: object, *, postgresql: bool) -> Kind:
    if postgresql:
        kind = _POSTGRESQL.get(told, Kind.OTHER)
        return Kind.LENIENT_TEXT if kind is Kind.TEXT and lenient else kind
    told = told.upper()
    if told.startswith(("TIMESTAMP", "DATETIME")):
        return Kind.TIME_TEXT
    return Kind.JSON if told.startswith("JSON") else Kind.ANYTHING
