"""A whole stack as an object, for tests, benchmarks and the demo."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from devhost.errors import StackError
from devhost.folder import Folder
from devhost.minting import mint
from devhost.ports import LOOPBACK

PROJECT = Path(__file__).parent.parent
READY_WITHIN = 60.0
ENDS_WITHIN = 30.0


class Stack:
    """Runs `python -m devhost up` and knows what it told. What is in `data` is kept from run to run."""

    def __init__(
        self,
        data: Path,
        *,
        port: int | None = None,
        app: Path = PROJECT,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.data = data
        self.port = port or _free_port()
        self._app = app
        self._settings = dict(settings or {})
        self._process: Process | None = None
        self._drains: list[asyncio.Task[None]] = []

    @property
    def told(self) -> dict[str, Any]:
        """Everything the running stack tells of itself: endpoints, app settings, pids."""
        return Folder(self.data).running()

    @property
    def url(self) -> str:
        """Where the app answers."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def outbox(self) -> Path:
        """Where sent mail lies."""
        return Folder(self.data).outbox

    def token(self, tenant: str, user: str, *roles: str, app: str = "") -> str:
        """Return a bearer token of a person, or of a program."""
        return mint(self.told, tenant=tenant, user=user, app=app, roles=roles)

    async def start(self) -> None:
        """Start the stack and return when everything answers.

        Raises:
            StackError: It did not start; the message is its own line.
        """
        options = [part for name, value in self._settings.items() for part in ("--set", f"{name}={value}")]
        command = ["-m", "devhost", "up", "--quiet", "--port", str(self.port), "--data", str(self.data)]
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable, *command, "--app", str(self._app), *options, cwd=PROJECT, stdout=PIPE, stderr=PIPE
        )
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), READY_WITHIN)
        except TimeoutError:
            line = b""
        if line.startswith(b"ready"):
            self._drains = [asyncio.create_task(_drained(stream)) for stream in (process.stdout, process.stderr)]
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        _, told = await process.communicate()
        raise StackError(told.decode().strip().removeprefix("devhost: ") or "the stack did not start")

    async def stop(self) -> None:
        """End the stack as Ctrl-C would; one that does not run is no error."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """Kill the stack's own process, as a crash of the machine's user session would."""
        await self._end(signal.SIGKILL)

    def kill_host(self) -> None:
        """Kill the Functions host, and its worker with it; the stack starts it again."""
        os.kill(self.told["pids"]["host"], signal.SIGKILL)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _end(self, number: int) -> None:
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        try:
            await asyncio.wait_for(process.wait(), ENDS_WITHIN)
        except TimeoutError:
            process.kill()
            await process.wait()
        await asyncio.gather(*self._drains)
        self._process = None


async def _drained(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(65536):
        pass


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
