"""The sample company's data: everything its people left behind, written to the stores of the data map."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from samples.loading import Stores, open_stores
from samples.people import PEOPLE, Person
from samples.records import accounts, business, contact, devices, usage
from samples.records.hostile import spoiled
from samples.records.shapes import Record
from shared.domain.data_map import DataMap

MAP = Path(__file__).parent.parent / "data_map.yaml"


def places() -> tuple[list[str], list[str]]:
    """Return every table and every container that the data map names."""
    data_map = DataMap.model_validate(yaml.load(MAP.read_bytes(), yaml.CSafeLoader))
    settings = [dataset.settings for _, dataset in data_map.datasets()]
    return (
        sorted({one["table"] for one in settings if "table" in one}),
        sorted({one["container"] for one in settings if "container" in one}),
    )


def records_of(person: Person) -> Iterator[Record]:
    """Yield everything the stores hold of one person."""
    held = _records(person)
    return spoiled(person, held) if person is PEOPLE["bobby"] else held


def _records(person: Person) -> Iterator[Record]:
    yield from accounts.rows(person)
    yield from usage.records(person)
    yield from devices.records(person)
    yield from business.records(person)
    yield from contact.records(person)


async def load(stack: Mapping[str, Any]) -> list[str]:
    """Fill the stores of a running stack, the same every time; return a printable line for each person."""
    async with open_stores(stack["env"]) as stores:
        await fill(stores)
    return [_line(person) for person in PEOPLE.values()]


async def fill(stores: Stores) -> None:
    """Write every person's records; what no person has is there too, and empty."""
    await stores.create(*places())
    await stores.write(record for person in PEOPLE.values() for record in records_of(person))


def _line(person: Person) -> str:
    roles = ", ".join(person.roles) or "user"
    return f"{person.short:<12} {person.home.short:<11} {roles:<17} {person.email:<32} {person.special}"
