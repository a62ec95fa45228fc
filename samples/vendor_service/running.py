"""The vendor as a child process: for the demo and the tests."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from devhost.settings import inherited
from samples.vendor_service.shelf import Shelf
from samples.vendor_service.work import Mode

PROJECT = Path(__file__).parents[2]
_STARTS_WITHIN, _ENDS_WITHIN = 20.0, 10.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningVendor:
    """Where it is, and what it holds. `shelf` fills it and reads its files, beside the process."""

    url: str
    pid: int
    shelf: Shelf

    def raw(self, dataset: str) -> bytes:
        """Return a dataset's file as it lies there."""
        return self.shelf.file(dataset).read_bytes()


@asynccontextmanager
async def running_vendor(
    folder: Path,
    mode: Mode = "at_once",
    *,
    port: int = 0,
    takes: float = 0.0,
    token: str = "",
    cannot_count: bool = False,
) -> AsyncIterator[RunningVendor]:
    """Run it for as long as the context lives; `folder` keeps its rows."""
    options = ["--data", str(folder), "--mode", mode, "--port", str(port), "--takes", str(takes)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "samples.vendor_service", *options, *(["--cannot-count"] if cannot_count else [])),
        cwd=PROJECT,
        env=inherited() | {"VENDOR_TOKEN": token},
        stdin=PIPE,  # stays open for as long as this process lives: its end tells the child
        stdout=PIPE,
    )
    try:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        line = await asyncio.wait_for(process.stdout.readline(), _STARTS_WITHIN)
        word, _, url = line.decode().strip().partition(" ")
        if word != "ready":
            raise RuntimeError("the sample vendor did not start")
        yield RunningVendor(url=url, pid=process.pid, shelf=Shelf(folder))
    finally:
        await _ended(process)


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _ENDS_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()
