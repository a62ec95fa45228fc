"""The worker process seen from the host: started, spoken to, restarted when it dies or a function runs too long."""

import asyncio
import contextlib
import json
import os
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from devhost.host.errors import FunctionTimeoutError, InvocationError, WorkerLostError
from devhost.host.frames import READ_BUFFER, Header, read_frame, write_frame

PROJECT = Path(__file__).parents[2]
_PAUSES = (0.0, 0.2, 1.0, 3.0, 10.0)
_STEADY_FOR = 10.0
_WAITS_FOR_WORKER = 30.0
_ENDS_WITHIN = 2.0
_LINE_LIMIT = 1 << 16

type Reply = tuple[Header, bytes]


@dataclass(kw_only=True)
class Worker:
    """One worker at a time; callers wait while a new one starts."""

    app: Path
    timeout: timedelta | None
    log_levels: Mapping[str, str]
    say: Callable[[str], None]
    """Takes the worker's own output, and what happens to it, line by line."""
    index: Header = field(default_factory=dict, init=False)
    """What the first worker found: `functions`, or `error` and `trace`."""
    _ready: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _waiting: dict[str, asyncio.Future[Reply]] = field(default_factory=dict, init=False)
    _process: Process | None = field(default=None, init=False)
    _writer: asyncio.StreamWriter | None = field(default=None, init=False)
    _life: asyncio.Task[None] | None = field(default=None, init=False)
    _stopping: bool = field(default=False, init=False)

    async def start(self) -> None:
        """Start the process; returns once the app is indexed, well or badly."""
        indexed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._live(indexed))
        await asyncio.wait({indexed, self._life}, return_when=asyncio.FIRST_COMPLETED)
        if self._life.done():
            self._life.result()

    async def call(self, header: Header, body: bytes) -> Reply:
        """Run a function.

        Raises:
            InvocationError: It raised, took too long, or lost its process.
        """
        writer = await self._connected()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Reply] = loop.create_future()
        self._waiting[header["id"]] = answer
        alarm = loop.call_later(self.timeout.total_seconds(), self._time_out, answer) if self.timeout else None
        try:
            write_frame(writer, header, body)
            with contextlib.suppress(ConnectionError):  # the answer says that the worker is gone
                await writer.drain()
            reply, content = await answer
        finally:
            del self._waiting[header["id"]]
            if alarm is not None:
                alarm.cancel()
        if "error" in reply:
            raise InvocationError(reply["error"])
        return reply, content

    async def stop(self) -> None:
        """Hang up, and kill the process if it does not end by itself."""
        self._stopping = True
        if self._writer is not None:
            self._writer.close()
        if self._life is not None:
            done, _ = await asyncio.wait({self._life}, timeout=_ENDS_WITHIN)
            if not done:
                self._kill()
                await asyncio.wait({self._life})

    async def _connected(self) -> asyncio.StreamWriter:
        try:
            async with asyncio.timeout(_WAITS_FOR_WORKER):
                await self._ready.wait()
        except TimeoutError:
            raise WorkerLostError("no worker is running") from None
        if self._writer is None:
            raise WorkerLostError("no worker is running")
        return self._writer

    def _time_out(self, answer: asyncio.Future[Reply]) -> None:
        if not answer.done():
            answer.set_exception(FunctionTimeoutError("it ran longer than functionTimeout; the worker is restarted"))
            self._kill()

    def _kill(self) -> None:
        self._ready.clear()
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _live(self, indexed: asyncio.Future[None]) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while not self._stopping:
            began = loop.time()
            await self._live_once(indexed)
            if self._stopping or "error" in self.index:
                return
            failures = 0 if loop.time() - began > _STEADY_FOR else failures + 1
            self.say("the worker process has ended; starting another")
            await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])

    async def _live_once(self, indexed: asyncio.Future[None]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = process = await asyncio.create_subprocess_exec(
                *self._command(theirs.fileno()),
                cwd=PROJECT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=PIPE,
                stderr=STDOUT,
                limit=_LINE_LIMIT,
                pass_fds=(theirs.fileno(),),
            )
        output = asyncio.create_task(self._pass_on(process))
        reader, self._writer = await asyncio.open_unix_connection(sock=ours, limit=READ_BUFFER)
        try:
            first = await read_frame(reader)
            if first is not None:
                if not indexed.done():
                    self.index = first[0]
                    indexed.set_result(None)
                self._ready.set()
                await self._read_answers(reader)
            elif not indexed.done():
                self.index = {"error": "the worker process ended while it loaded the app", "trace": ""}
                indexed.set_result(None)
        finally:
            self._ready.clear()
            self._fail_all()
            self._writer.close()
            if not self._stopping:
                self._kill()
            await process.wait()
            await asyncio.wait({output}, timeout=_ENDS_WITHIN)
            output.cancel()

    def _command(self, channel: int) -> list[str]:
        own = ["--channel", str(channel), "--parent", str(os.getpid()), "--levels", json.dumps(dict(self.log_levels))]
        return [sys.executable, "-m", "devhost.host.worker", "--app", str(self.app), *own]

    async def _read_answers(self, reader: asyncio.StreamReader) -> None:
        while (frame := await read_frame(reader)) is not None:
            answer = self._waiting.get(frame[0]["id"])
            if answer is not None and not answer.done():
                answer.set_result(frame)

    def _fail_all(self) -> None:
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(WorkerLostError("the worker process ended"))

    async def _pass_on(self, process: Process) -> None:
        stream: Any = process.stdout
        while True:
            try:
                line = await stream.readuntil()
            except asyncio.LimitOverrunError as error:
                line = await stream.read(error.consumed or _LINE_LIMIT)
            except asyncio.IncompleteReadError as error:
                line = error.partial
            if not line:
                return
            self.say(line.decode(errors="replace").rstrip())
