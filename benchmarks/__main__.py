"""Measure and print one JSON line a figure; exit 1 when one misses its target."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from benchmarks.cold_start import cold_start
from benchmarks.erasing import erase_rows, erasures, fanout
from benchmarks.figures import Figure
from benchmarks.large import access_100k, assembly
from benchmarks.small import intake, journeys


async def _cold_start() -> list[Figure]:
    return cold_start()


SUITES: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
    "cold_start": _cold_start,
    "intake": intake,
    "journeys": journeys,
    "access_100k": access_100k,
    "assembly": assembly,
    "erasures": erasures,
    "fanout": fanout,
    "erase_rows": erase_rows,
}


async def measure(names: list[str]) -> bool:
    """Run suites one after another; tell whether every figure holds."""
    well = True
    for name in names:
        for figure in await SUITES[name]():
            print(figure.line(), flush=True)
            well = well and figure.holds
    return well


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=list(SUITES), help="a suite to run; may be repeated")
    asked = parser.parse_args()
    return 0 if asyncio.run(measure(asked.only or list(SUITES))) else 1


if __name__ == "__main__":
    sys.exit(main())
