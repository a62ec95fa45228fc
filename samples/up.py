"""Run the local stack and the systems around it until Ctrl-C: `python -m samples.up`, or `make up`."""

import argparse
import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from devhost.folder import Folder
from devhost.stack import PROJECT
from samples.outside import Outside
from samples.running import systems
from samples.telemetry_service.running import running_telemetry


async def run(port: int, data: Path) -> int:
    """Start the systems that the app calls, the stack, and the service that listens; end as the stack ends."""
    outside = Outside.beside(data)
    async with systems(outside) as (_, settings):
        stack = await _stack(port, outside.data, settings)
        following = asyncio.create_task(_follow(stack, outside))
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, following.cancel)
        await asyncio.wait({following})
        with suppress(ProcessLookupError):
            stack.terminate()
        code = await stack.wait()
    if not following.cancelled():
        following.result()
    return code


async def _stack(port: int, data: Path, settings: Mapping[str, str]) -> Process:
    options = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    command = ["-m", "devhost", "up", "--port", str(port), "--data", str(data), *options]
    return await asyncio.create_subprocess_exec(sys.executable, *command, cwd=PROJECT, stdout=PIPE)


async def _follow(stack: Process, outside: Outside) -> None:
    """Repeat what the stack tells until it ends, with the telemetry service beside it from when it is ready."""
    assert stack.stdout is not None  # noqa: S101 - a pipe was asked for
    async with AsyncExitStack() as beside:
        async for line in stack.stdout:
            print(line.decode(), end="", flush=True)
            if line.startswith(b"ready"):
                told = Folder(outside.data).running()
                await beside.enter_async_context(running_telemetry(told, outside.telemetry))


def main() -> int:
    """Run it; what goes wrong is told in one line."""
    parser = argparse.ArgumentParser(prog="samples.up", description=__doc__)
    parser.add_argument("--port", type=int, default=7071, help="the app's port (7071)")
    parser.add_argument("--data", type=Path, default=PROJECT / ".data", metavar="DIR", help="data folder (.data)")
    asked = parser.parse_args()
    try:
        return asyncio.run(run(asked.port, asked.data))
    except RuntimeError as error:
        print(f"up: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
