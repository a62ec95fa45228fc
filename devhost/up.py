"""Runs the whole stack in the foreground until it is asked to end."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path

from devhost.azurite.install import PACKAGE
from devhost.azurite.node import find_node
from devhost.child import report
from devhost.errors import StackError
from devhost.folder import Folder, Locks
from devhost.parts import Inputs, Parts
from devhost.ports import LOOPBACK, require_free

ENTITIES = Path("infra/servicebus.json")
ROUTINE = ("timer succeeded", "worker | INFO ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `up` was asked for."""

    port: int
    data: Path
    app: Path
    settings: Mapping[str, str]
    quiet: bool


async def up(options: Options) -> None:
    """Start everything, say so in one line, and stay until SIGTERM or Ctrl-C.

    Raises:
        StackError: Something is missing, taken or did not start.
    """
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    require_free(options.port)
    entities = options.app / ENTITIES
    inputs = Inputs(
        app=options.app, port=options.port, settings=options.settings, entities=entities, node=find_node().node
    )
    for needed, remedy in ((PACKAGE, "run `make setup`"), (entities, "it names queues and topics")):
        if not needed.exists():
            raise StackError(f"{needed} is missing: {remedy}")
    folder = Folder(options.data.resolve())
    folder.prepare()
    locks = Locks(folder)
    try:
        async with contextlib.AsyncExitStack() as running:
            parts = Parts(inputs, folder, locks.for_children, _ignore if options.quiet else _tell)
            await _until(ended, parts.start(running))
            if not ended.is_set():
                print(f"ready http://{LOOPBACK}:{options.port}", flush=True)
                if not options.quiet:
                    _welcome(options.port, folder)
            await ended.wait()
            if not options.quiet:
                report("ending")
    finally:
        locks.release()


async def _until(ended: asyncio.Event, work: Coroutine[None, None, None]) -> None:
    """Do the work, unless the end comes first."""
    working, ending = asyncio.create_task(work), asyncio.create_task(ended.wait())
    await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if not working.done():
        working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


def _welcome(port: int, folder: Folder) -> None:
    report(f"pages at http://{LOOPBACK}:{port}/api/privacy, logs in {folder.logs}")
    report(f"in another shell: python -m devhost seed | token | mail, with --data {folder.root}; Ctrl-C ends all")


def _tell(line: str) -> None:
    """Show what ran, and what went wrong; what the app says of work well done, and timers, are in the log."""
    if not any(part in line for part in ROUTINE):
        report(line)


def _ignore(_: str) -> None:
    """Show nothing."""
