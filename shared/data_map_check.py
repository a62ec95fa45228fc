"""Checks a data map: python -m shared.data_map_check [FILE] [--stores].

With `--stores` the stores of the app's settings are compared with it: a field that the map does not name is drift.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Never

from shared.adapters.yaml_data_map import load
from shared.connectors import discover
from shared.domain.data_map import DataMap
from shared.domain.errors import DataMapInvalid, PrivacyError
from shared.use_cases.linting_map import findings

if TYPE_CHECKING:
    from shared.connectors._stores import Stores


class _NoStores:
    """Checks open nothing."""

    def tables(self, store: str) -> Never:
        raise RuntimeError(f"a check asked for the tables of {store}")

    def transactions(self, store: str, table: str) -> Never:
        raise RuntimeError(f"a check asked to write {table} of {store}")

    def blobs(self, store: str) -> Never:
        raise RuntimeError(f"a check asked for the blobs of {store}")

    def sql(self, store: str) -> Never:
        raise RuntimeError(f"a check asked for the database {store}")

    def own(self) -> Never:
        raise RuntimeError("a check asked for our own records")

    def egress(self) -> Never:
        raise RuntimeError("a check asked for the way out")


async def drift(data_map: DataMap, stores: "Stores") -> tuple[list[str], int]:
    """Compare stores with the map; return what differs, a line each, and how many datasets could be looked at."""
    from shared.connectors._store_fields import unnamed_fields  # noqa: PLC0415 - the plain check needs no vendor's SDK

    told: list[str] = []
    looked_at = 0
    for service, dataset in data_map.datasets():
        try:
            found = await unnamed_fields(stores, service, dataset)
        except PrivacyError as error:
            told.append(f"dataset {dataset.id}: its store could not be read: {error}")
            continue
        looked_at += found is not None
        told += [f"dataset {dataset.id}: field {name}: is stored, and the map does not name it" for name in found or ()]
    return sorted(told), looked_at


async def _drift_of_own_stores(data_map: DataMap) -> tuple[list[str], int]:
    from shared.settings import Settings  # noqa: PLC0415 - a plain check needs no setting
    from shared.wiring import Services  # noqa: PLC0415

    services = Services(Settings())
    try:
        return await drift(data_map, services.stores)
    finally:
        await services.sql.close()
        await services.clients.close()


def checked(file: Path) -> DataMap:
    """Read a map by itself: nothing that it names is opened.

    Raises:
        DataMapInvalid: it is no good map.
    """
    return load(file, {kind: make(_NoStores()) for kind, make in discover().items()})


def main(arguments: Sequence[str]) -> int:
    """Say in one line what the map holds, or in one each what is wrong with it; return the exit code."""
    asked = _arguments().parse_args(arguments)
    try:
        data_map = checked(asked.file)
    except DataMapInvalid as error:
        sys.stderr.write(f"{error}\n")
        return 1
    wrong = list(findings(data_map))
    said = f"ok: {len(data_map.services)} services, {sum(1 for _ in data_map.datasets())} datasets"
    if asked.stores and not wrong:
        wrong, looked_at = asyncio.run(_drift_of_own_stores(data_map))
        said += f", the stores of {looked_at} hold no field that is not named"
    sys.stderr.writelines(_lines(wrong))
    if not wrong:
        sys.stdout.write(f"{said}\n")
    return 1 if wrong else 0


def _lines(found: Sequence[str]) -> Iterator[str]:
    return (f"{one}\n" for one in found)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shared.data_map_check", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=Path("data_map.yaml"))
    parser.add_argument("--stores", action="store_true", help="compare the stores of the app's settings with the map")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
