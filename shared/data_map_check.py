"""Checks a data map: python -m shared.data_map_check [FILE]."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Never

from shared.adapters.yaml_data_map import load
from shared.connectors import discover
from shared.domain.errors import DataMapInvalid


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

    def egress(self) -> Never:
        raise RuntimeError("a check asked for the way out")


def main(arguments: Sequence[str]) -> int:
    """Say in one line what the map holds, or what is wrong with it; return the exit code."""
    path = Path(arguments[0] if arguments else "data_map.yaml")
    try:
        data_map = load(path, {kind: make(_NoStores()) for kind, make in discover().items()})
    except DataMapInvalid as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"ok: {len(data_map.services)} services, {sum(1 for _ in data_map.datasets())} datasets\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
