"""Show the whole service at work: `python -m samples.demo`, or `make demo`."""

import asyncio
import os
import signal
import ssl
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from devhost.errors import StackError
from devhost.stack import Stack
from samples.company import load
from samples.journey import Answered, Journey, StepFailed
from samples.package import PackageWrong, check_package
from samples.people import PEOPLE

RESULTS = Path("build/demo")
CALL_WITHIN = 30.0
SETTINGS = {"CODES_PER_ADDRESS": "1000"}  # or the sixth demo in an hour waits for Anna's next code


class Clock:
    """Tells each step with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def say(self, text: str) -> None:
        """Print one step."""
        print(f"{time.monotonic() - self._started:6.1f}s  {text}", flush=True)


async def demonstrate(port: int, data: Path) -> Path:
    """Start the stack, load the sample company, make two journeys; return the last package's path."""
    _end_on_sigterm()
    clock, anna = Clock(), PEOPLE["anna"]
    clock.say("starting the local stack")
    stack = Stack(data, port=port, settings=SETTINGS)
    try:
        await stack.start()
        clock.say(f"ready at {stack.url}")
        people = await load(stack.told)
        clock.say(f"sample company loaded: {len(people)} people")
        async with _journey(stack, clock) as journey:
            clock.say("-- Anna asks by mail, in Dutch --")
            await _show(clock, await journey.by_mail(anna.email, "nl"))
        async with _journey(stack, clock) as journey:
            clock.say("-- Anna asks signed in, in English --")
            answered = await journey.signed_in(stack.token(anna.tenant, anna.oid), "en")
            await _show(clock, answered)
    finally:
        clock.say("stopping the local stack")
        await stack.stop()
    clock.say("done")
    return answered.package


def _end_on_sigterm() -> None:
    """Take SIGTERM as asyncio takes Ctrl-C, so that the stack is stopped."""
    if running := asyncio.current_task():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)


@asynccontextmanager
async def _journey(stack: Stack, clock: Clock) -> AsyncIterator[Journey]:
    trust = ssl.create_default_context(cafile=stack.told["ca_file"])
    async with (
        httpx.AsyncClient(base_url=stack.url, timeout=CALL_WITHIN) as app,
        httpx.AsyncClient(verify=trust, timeout=CALL_WITHIN) as storage,
    ):
        yield Journey(app=app, storage=storage, outbox=stack.outbox, folder=RESULTS, say=clock.say)


async def _show(clock: Clock, answered: Answered) -> None:
    checked = await asyncio.to_thread(check_package, answered.package)
    clock.say(f"package matches its manifest: {checked.files} files, {checked.records} records")
    states = (f"{number} {state.replace('_', ' ')}" for state, number in checked.datasets.items())
    clock.say(f"datasets: {', '.join(states)}")


def main() -> int:
    """Run it; what goes wrong is told in one line."""
    try:
        port = int(os.environ.get("PORT") or 7071)
        RESULTS.mkdir(parents=True, exist_ok=True)
        package = asyncio.run(demonstrate(port, Path(os.environ.get("DATA") or ".data")))
    except (StackError, StepFailed, PackageWrong, ValueError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except httpx.HTTPError as error:
        print(f"demo: the service did not answer: {type(error).__name__} {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("demo: interrupted", file=sys.stderr)
        return 130
    print(f"\nThe package: {package.resolve()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
