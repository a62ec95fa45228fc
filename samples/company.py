"""The sample company's data: everything its people left behind, written to the stores of the data map."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from sqlalchemy import Table

from samples.company_map import MAP
from samples.loading import Stores, open_stores
from samples.outside import Outside
from samples.people import PEOPLE, Person
from samples.records import accounts, business, contact, devices, usage
from samples.records.hostile import spoiled
from samples.records.shapes import Entry, Record
from samples.sql_store import table_of
from samples.tenants import write_customers
from shared.domain.data_map import DataMap


class Places(NamedTuple):
    """Where the sample company's stores keep records."""

    tables: list[str]
    containers: list[str]
    sql: list[Table]


def places() -> Places:
    """Return every table, every container and every SQL table that the data map names."""
    data_map = DataMap.model_validate(yaml.load(MAP.read_bytes(), yaml.CSafeLoader))
    held = [(service.connector, dataset) for service, dataset in data_map.datasets()]
    return Places(
        tables=sorted({dataset.settings["table"] for kind, dataset in held if kind == "azure_tables"}),
        containers=sorted({dataset.settings["container"] for kind, dataset in held if kind == "azure_blobs"}),
        sql=[table_of(dataset) for kind, dataset in held if kind == "sql"],
    )


def records_of(person: Person) -> Iterator[Record]:
    """Yield everything the stores hold of one person."""
    held = _records(person)
    return spoiled(person, held) if person is PEOPLE["bobby"] else held


def _records(person: Person) -> Iterator[Record]:
    yield from accounts.records(person)
    yield from usage.records(person)
    yield from devices.records(person)
    yield from business.records(person)
    yield from contact.records(person)


async def load(stack: Mapping[str, Any]) -> list[str]:
    """Fill the stores of a running stack, and the files of the systems outside, the same every time.

    Returns a printable line for each person.
    """
    async with open_stores(stack["env"]) as stores:
        await fill(stores)
    await write_customers(stack["env"])
    fill_outside(Path(stack["outbox"]).parent)
    return [_line(person) for person in PEOPLE.values()]


async def fill(stores: Stores) -> None:
    """Write every person's records; what no person has is there too, and empty."""
    await stores.create(*places())
    await stores.write(record for person in PEOPLE.values() for record in records_of(person))


def fill_outside(data: Path) -> None:
    """Write what systems outside the stores keep of everybody, to a stack's data folder."""
    every = (record for person in PEOPLE.values() for record in records_of(person))
    Outside(data).fill(one for one in every if isinstance(one, Entry))


def _line(person: Person) -> str:
    roles = ", ".join(person.roles) or "user"
    return f"{person.short:<12} {person.home.short:<11} {roles:<17} {person.email:<32} {person.special}"
