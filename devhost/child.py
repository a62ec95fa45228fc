"""One process of the stack: started, watched, started again when it ends, and ended."""

import asyncio
import contextlib
import ctypes
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from devhost.errors import StackError

PROJECT = Path(__file__).parent.parent
PR_SET_PDEATHSIG = 1
LINE_LIMIT = 1 << 20
READY_WITHIN = 60.0
ENDS_WITHIN = 15.0
PAUSES = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(kw_only=True)
class Child:
    """A process that prints a line beginning with `ready` once it answers."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    lock: int
    """A descriptor the child inherits, so that its life shows from outside."""
    on_line: Callable[[str], None] = lambda _: None
    """Called with every line of its standard output."""
    on_start: Callable[[], None] = lambda: None
    """Called whenever the process was started, the first time and again."""
    hopeless: str = "\0"
    """A line with this text says that the process will never be ready, though it lives; what follows is why."""
    process: Process | None = field(default=None, init=False)
    _watch: asyncio.Task[None] | None = field(default=None, init=False)

    async def start(self) -> None:
        """Start the process and return when it is ready; from then on it is started again if it ends.

        Raises:
            StackError: It ended, or said nothing, before it was ready.
        """
        process = await self._start_once()
        self._watch = asyncio.create_task(self._keep(process))

    async def stop(self) -> None:
        """End the process: asked first, killed when it does not listen."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        process = self.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), ENDS_WITHIN)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _keep(self, process: Process) -> None:
        while True:
            report(f"{self.name} ended with {await process.wait()}: starting it again")
            process = await self._start_at_last()

    async def _start_at_last(self) -> Process:
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            await asyncio.sleep(pause)
            try:
                return await self._start_once()
            except StackError as error:
                report(str(error))
        raise AssertionError("the pauses never end")

    async def _start_once(self) -> Process:
        with self.log.open("ab") as log:
            self.process = process = await asyncio.create_subprocess_exec(
                *self.command,
                cwd=PROJECT,
                env=dict(self.environment),
                stdin=PIPE,  # stays open for as long as this process lives: its end tells the child
                stdout=PIPE,
                stderr=log,
                pass_fds=(self.lock,),
                start_new_session=True,  # Ctrl-C reaches the stack alone, which ends its children in order
                preexec_fn=_end_with_parent(),
                limit=LINE_LIMIT,
            )
        self.on_start()
        verdict: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        ends: set[asyncio.Future[Any]] = {verdict, asyncio.create_task(self._pump(_output(process), verdict))}
        await asyncio.wait(ends, timeout=READY_WITHIN, return_when=asyncio.FIRST_COMPLETED)
        if verdict.done() and not verdict.result():
            return process
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        why = verdict.result() if verdict.done() else last_line(self.log)
        raise StackError(f"{self.name} did not start: {why} (see {self.log})")

    async def _pump(self, output: asyncio.StreamReader, verdict: asyncio.Future[str]) -> None:
        """Pass the output on; the verdict is why the process will never be ready, or empty once it is."""
        with self.log.open("ab", buffering=0) as log:
            async for raw in output:
                log.write(raw)
                line = raw.decode(errors="replace").rstrip()
                _, failed, why = line.partition(self.hopeless)
                if line.startswith("ready") or failed:
                    if not verdict.done():
                        verdict.set_result(why.partition(". ")[0])
                else:
                    self.on_line(line)


def _output(process: Process) -> asyncio.StreamReader:
    if process.stdout is None:
        raise TypeError("the child was started without a pipe")
    return process.stdout


def report(line: str) -> None:
    """Tell the person at the terminal something about the stack."""
    print(line, file=sys.stderr, flush=True)


def last_line(log: Path) -> str:
    """The last thing a process wrote, which is why it ended."""
    lines = [line.strip() for line in log.read_bytes().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def _end_with_parent() -> Callable[[], None] | None:
    """Ask Linux to send the child SIGTERM when this process is gone; elsewhere the end of stdin must do."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)

    return ask
