"""The telemetry service as a child process of a stack: for the demo and the tests."""

import asyncio
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devhost.identity.issuer import TELEMETRY_CLIENT
from devhost.settings import TRUST, inherited
from samples.telemetry_service.records import FILE

PROJECT = Path(__file__).parents[2]
_STARTS_WITHIN, _ENDS_WITHIN = 30.0, 15.0  # seconds


@dataclass(slots=True)
class RunningTelemetry:
    """One such process, to be started, ended and killed; its file is read beside it."""

    told: Mapping[str, Any]
    folder: Path
    _process: Process | None = None

    async def start(self) -> None:
        """Start it and return when it listens.

        Raises:
            RuntimeError: it did not start.
        """
        self._process = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "samples.telemetry_service", "--data", str(self.folder)),
            cwd=PROJECT,
            env=inherited() | environment(self.told),
            stdin=PIPE,  # stays open for as long as this process lives: its end tells the child
            stdout=PIPE,
        )
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        with suppress(TimeoutError):
            if await asyncio.wait_for(process.stdout.readline(), _STARTS_WITHIN) == b"ready\n":
                return
        await self.kill()
        raise RuntimeError("the telemetry service did not start")

    async def stop(self) -> None:
        """Ask it to end; what is under way is finished. One that does not run is no error."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """Kill it, whatever it is doing."""
        await self._end(signal.SIGKILL)

    @property
    def pid(self) -> int:
        """The process."""
        if self._process is None:
            raise RuntimeError("the telemetry service is not running")
        return self._process.pid

    def raw(self) -> bytes:
        """Return its file as it lies there."""
        return (self.folder / FILE).read_bytes()

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield every event as it is kept: its dataset and its record's text."""
        with closing(sqlite3.connect(self.folder / FILE)) as database:
            yield from database.execute("SELECT dataset, record FROM events ORDER BY id")

    async def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(number)
        try:
            await asyncio.wait_for(process.wait(), _ENDS_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()


@asynccontextmanager
async def running_telemetry(told: Mapping[str, Any], folder: Path) -> AsyncIterator[RunningTelemetry]:
    """Run it beside a running stack, which `told` describes, for as long as the context lives; `folder` is kept."""
    service = RunningTelemetry(told, folder)
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


def environment(told: Mapping[str, Any]) -> dict[str, str]:
    """Return what the service has to know: its lane's bus, its own identity, and where the privacy service is."""
    stack = told["env"]
    return {
        "SERVICE_BUS": stack["ServiceBus"],
        "IDENTITY_ENDPOINT": stack["IDENTITY_ENDPOINT"],
        "IDENTITY_HEADER": told["identity_headers"][TELEMETRY_CLIENT],
        "AZURE_CLIENT_ID": TELEMETRY_CLIENT,
        "PRIVACY_URL": told["url"],
        "PRIVACY_AUDIENCE": told["audience"],
        **{name: stack[name] for name in TRUST},
    }
