"""Somebody whose traces can be told from anybody's: a marked name, marked addresses, and marked data everywhere."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from samples.company import places, records_of
from samples.loading import open_stores
from samples.outside import Outside
from samples.people import EVERYTHING, NOORDZEE, Person
from samples.records.shapes import Blob, Entry, Line, Record, Row, SqlRow
from samples.tenants import write_customers

MARK = "zqcanary7"
CANARY = Person(
    MARK,
    NOORDZEE,
    MARK.capitalize(),
    f"van {MARK.capitalize()}",
    holds=EVERYTHING,
    private_address=f"{MARK}.private@brievenbus.example",
)
FREE = ("subject", "message", "text", "letter", "interviewNotes", "jobTitle", "city", "path", "printerName")


def records() -> Iterator[Record]:
    """Yield everything that is held of the canary, one file of it broken off in the middle of a line."""
    for record in records_of(CANARY):
        yield record if isinstance(record, Blob) else _marked(record)
    line = f'{{"conversation":"1","customer":{{"email":"{CANARY.email}"}},"text":"{MARK} says'
    yield Blob("chat-logs", "messages/2026-10.jsonl", line.encode(), "application/x-ndjson")


async def plant(told: dict[str, Any]) -> None:
    """Write the canary's records, and nobody else's; and who the customers are."""
    async with open_stores(told["env"]) as stores:
        await stores.create(*places())
        await stores.write(records())
    await write_customers(told["env"])
    Outside(Path(told["outbox"]).parent).fill(one for one in records() if isinstance(one, Entry))


def traces(held: Iterable[bytes], marks: Iterable[str]) -> set[str]:
    """Which marks are found in any of these bytes, however they are written."""
    every = [data.lower() for data in held]
    return {mark for mark in marks if any(mark.lower().encode() in data for data in every)}


def _marked[R: Row | Line | SqlRow | Entry](record: R) -> R:
    changes = {name: f"{MARK} {value}" for name, value in record.values.items() if name in FREE}
    return replace(record, values={**record.values, **changes})
