"""Which columns a table has, asked of the database itself, and what each can be compared with."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Select,
    String,
    Text,
    Uuid,
    cast,
    column,
    false,
    func,
    not_,
    null,
    select,
    table,
)
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import NullType, TypeEngine

from shared.connectors._sql_failures import sql_failures
from shared.domain.data_map import Dataset
from shared.domain.errors import Permanent

_LARGEST = 2**63
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class Kind(Enum):
    """What a column holds, as far as that changes how it is read, compared and written."""

    ANYTHING = "anything"  # SQLite: each value has a type of its own
    TIME_TEXT = "time_text"  # SQLite: most likely a time, as text
    TEXT = "text"
    LENIENT_TEXT = "lenient_text"  # text of which what differs can pass for equal
    INTEGER = "integer"
    UUID = "uuid"
    DATE = "date"
    INSTANT = "instant"
    LOCAL_TIME = "local_time"
    JSON = "json"
    PLAIN = "plain"  # the driver hands it over without loss
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. What is `derived` the database computes from others."""

    name: str
    kind: Kind
    nullable: bool
    derived: bool

    @property
    def type(self) -> TypeEngine[Any]:
        """The type its values are bound with."""
        return _TYPES.get(self.kind, NullType())

    def comparable(self, text: str) -> Any:
        """Return an identifier's value as this column would hold it, None where it cannot."""
        if self.kind is Kind.INTEGER:
            return int(text) if _INTEGER.fullmatch(text) and -_LARGEST <= int(text) < _LARGEST else None
        if self.kind is Kind.UUID:
            return UUID(text) if _GUID.fullmatch(text) else None
        return text if self.kind in {Kind.TEXT, Kind.LENIENT_TEXT, Kind.ANYTHING, Kind.TIME_TEXT} else None


_TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.TEXT: String(),
    Kind.LENIENT_TEXT: String(),
    Kind.INTEGER: BigInteger(),
    Kind.UUID: Uuid(),
    Kind.DATE: Date(),
    Kind.INSTANT: DateTime(timezone=True),
    Kind.LOCAL_TIME: DateTime(),
}
_WRITTEN: dict[Kind, type] = {Kind.TEXT: str, Kind.LENIENT_TEXT: str, Kind.INTEGER: int}
_POSTGRESQL = {
    **dict.fromkeys(("text", "character varying", "character", "name"), Kind.TEXT),
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


def written(value: Any) -> Any:
    """Return a key's value as JSON can hold it.

    Raises:
        Permanent: `key_type`, no search can go on after such a key.
    """
    if isinstance(value, UUID | date):
        return value.isoformat() if isinstance(value, date) else str(value)
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    raise Permanent("key_type")


def read(value: Any, of: Column) -> Any:
    """Read a key's value as it was written.

    Raises:
        Permanent: `position_unreadable`.
    """
    try:
        if of.kind is Kind.UUID:
            return UUID(value)
        if of.kind in {Kind.INSTANT, Kind.LOCAL_TIME, Kind.DATE}:
            return date.fromisoformat(value) if of.kind is Kind.DATE else datetime.fromisoformat(value)
    except (TypeError, ValueError, AttributeError):
        raise Permanent("position_unreadable") from None
    if not isinstance(value, _WRITTEN.get(of.kind, str | int | float)):
        raise Permanent("position_unreadable")
    return value
