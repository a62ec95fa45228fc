"""Load made-up people into a running stack: `python -m samples.generator --people 100 --records 1200 --services 12`."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from samples.loading import AT_ONCE, Stores, open_stores
from samples.synthetic import CONTAINER, Subject, chunks, file_pieces, subject, synthetic_map, table
from shared.domain.identity import EMAIL, OBJECT_ID


async def load_people(
    env: Mapping[str, str],
    people: int,
    records: int,
    services: int,
    seed: int,
    *,
    identifier: str = EMAIL,
    file_mb: int = 0,
) -> list[Subject]:
    """Write `people` with `records` each, spread evenly over the services, and one file of `file_mb` if asked.

    The same arguments write the same again. Never more than a few transactions are held in memory.
    """
    subjects = [subject(number, seed) for number in range(people)]
    async with open_stores(env) as stores:
        await write_rows(stores, subjects, records, services, seed, identifier=identifier)
        if file_mb:
            await write_files(stores, subjects, file_mb, seed, identifier=identifier)
    return subjects


async def write_rows(
    stores: Stores, subjects: Sequence[Subject], records: int, services: int, seed: int, *, identifier: str = EMAIL
) -> None:
    """Write rows in transactions, some at a time."""
    numbers = range(1, services + 1)
    await stores.create([table(number) for number in numbers], [])
    work = (
        (table(number), rows)
        for who in subjects
        for number in numbers
        for rows in chunks(who, _share(records, services, number), number, seed, identifier)
    )
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(_write(stores, work))


async def write_files(
    stores: Stores, subjects: Sequence[Subject], megabytes: int, seed: int, *, identifier: str = EMAIL
) -> None:
    """Write one file for each person."""
    await stores.create([], [CONTAINER])
    for who in subjects:
        await stores.stream(CONTAINER, f"{who.key(identifier)}/original.bin", file_pieces(who, megabytes, seed))


def _share(records: int, services: int, number: int) -> int:
    """Return how many of a person's records fall to service `number`, counted from one."""
    return records // services + (number <= records % services)


async def _write(stores: Stores, work: Iterator[tuple[str, list[dict[str, Any]]]]) -> None:
    for name, rows in work:
        await stores.transaction(name, rows)


def main() -> int:
    """Read the command line, write the map, load; one line on what was done."""
    asked = _arguments().parse_args()
    try:
        stack = json.loads((asked.data / "stack.json").read_text())
    except FileNotFoundError:
        print(f"no stack runs in {asked.data}: start one with `make up`", file=sys.stderr)
        return 2
    files = asked.file_mb > 0
    asked.data_map.write_text(synthetic_map(asked.services, identifier=asked.identifier, files=files))
    loading = load_people(
        stack["env"],
        asked.people,
        asked.records,
        asked.services,
        asked.seed,
        identifier=asked.identifier,
        file_mb=asked.file_mb,
    )
    subjects = asyncio.run(loading)
    print(f"{len(subjects)} people with {asked.records} records over {asked.services} services; map: {asked.data_map}")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="samples.generator", description=__doc__)
    parser.add_argument("--people", type=_positive, required=True)
    parser.add_argument("--records", type=_positive, required=True, help="of each person, over all services")
    parser.add_argument("--services", type=_positive, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--identifier", choices=(EMAIL, OBJECT_ID), default=EMAIL, help="what records are keyed by")
    parser.add_argument("--file-mb", type=int, default=0, help="size of one file of random bytes for each person")
    parser.add_argument("--data-map", type=Path, required=True, help="where to write the map that finds them")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("DATA", ".data")), help="the stack's folder")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


if __name__ == "__main__":
    sys.exit(main())
