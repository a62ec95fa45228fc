"""The forms in which sample data is written to the stores."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from azure.data.tables import EdmType, EntityProperty

from samples.people import Person
from shared.connectors._ways import in_key
from shared.domain.identity import EMAIL, UPN, normalise

FIRST_DAY = datetime(2026, 9, 1, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table. A value of None is a property that the row does not have."""

    table: str
    partition: str
    key: str
    values: Mapping[str, Any]

    @property
    def entity(self) -> dict[str, Any]:
        """The row as the table service takes it, keys encoded as the connector looks for them."""
        held = {name: value for name, value in self.values.items() if value is not None}
        return {"PartitionKey": in_key(self.partition), "RowKey": in_key(self.key), **held}


@dataclass(frozen=True, slots=True)
class Blob:
    """One blob. Tags are index tags."""

    container: str
    name: str
    data: bytes
    media_type: str = "application/octet-stream"
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a blob of JSON lines that many people share."""

    container: str
    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SqlRow:
    """One row of a SQL table."""

    table: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One record that a system outside the stores keeps, by the data map's names of service and dataset."""

    service: str
    dataset: str
    values: Mapping[str, Any]


type Record = Row | Blob | Line | SqlRow | Entry


def day(number: int, **more: float) -> datetime:
    """Return a fixed moment, so many days after the first; keyword arguments as for timedelta."""
    return FIRST_DAY + timedelta(days=number, **more)


def address(person: Person) -> str:
    """Return the mail address as the stores hold it."""
    return normalise(EMAIL, person.email)


def written(moment: datetime) -> str:
    """Return a moment as systems without a type for it keep it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"


def user_name(person: Person) -> str:
    """Return the UPN as the stores hold it."""
    return normalise(UPN, person.upn)


def compact(value: Any) -> str:
    """Return JSON text for a property."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def big(value: int) -> EntityProperty:
    """Return a 64-bit number."""
    return EntityProperty(value, EdmType.INT64)


def chance(person: Person, what: str) -> random.Random:
    """Return the fixed chance that makes this person's figures differ from another's."""
    return random.Random(f"{what} {person.oid}")
