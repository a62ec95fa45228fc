"""`python -m samples.vendor_service --data FOLDER --mode MODE [--port N]`: run the vendor here, or fill it."""

import argparse
import asyncio
import json
import os
import signal
from pathlib import Path

from devhost.host.lifeline import watch_stdin
from devhost.ports import LOOPBACK, free_port
from devhost.serving import serving
from samples.vendor_service.app import vendor
from samples.vendor_service.faults import Faults
from samples.vendor_service.shelf import Shelf
from samples.vendor_service.work import Works


async def run(options: argparse.Namespace) -> None:
    """Answer until told to stop."""
    shelf = Shelf(options.data)
    faults = Faults()
    works = Works(shelf=shelf, mode=options.mode, takes=options.takes, fault=lambda: faults.take("callback"))
    token = os.environ.get("VENDOR_TOKEN", "")
    application = vendor(shelf, works, faults, token=token, counts=not options.cannot_count)
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watch_stdin(loop, stop.set)
    port = options.port or free_port()
    async with serving(application, port):
        print(f"ready http://{LOOPBACK}:{port}", flush=True)
        await stop.wait()
        await works.stop()


def main() -> None:
    """Read the options, fill or run."""
    parser = argparse.ArgumentParser(
        prog="samples.vendor_service", description="A vendor's system, to try things with."
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of its rows")
    parser.add_argument("--seed", type=Path, help='JSON file {"dataset": [row, …]}: add these rows, and end')
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 for any")
    parser.add_argument("--mode", choices=("at_once", "polling", "callback"), default="at_once")
    parser.add_argument("--takes", type=float, default=0.0, help="seconds an erasure takes that it takes over")
    parser.add_argument("--cannot-count", action="store_true", help="answer 501 where a count is asked")
    options = parser.parse_args()
    if options.seed is not None:
        shelf = Shelf(options.data)
        for dataset, rows in json.loads(options.seed.read_text(encoding="utf-8")).items():
            shelf.add(dataset, rows)
        return
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
