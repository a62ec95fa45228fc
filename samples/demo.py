"""Show the whole service at work, a copy and a deletion: `python -m samples.demo`, or `make demo`."""

import asyncio
import os
import signal
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from devhost.errors import StackError
from devhost.stack import Stack
from samples.journey import Answered, Journey, StepFailed
from samples.package import PackageWrong, check_package
from samples.people import PEOPLE
from samples.raw import Held, everything
from samples.reviewing import reviewing
from samples.running import running_company
from samples.traces import theirs

RESULTS = Path("build/demo")
CALL_WITHIN = 30.0
SETTINGS = {
    "CODES_PER_ADDRESS": "1000",  # or the sixth demo in an hour waits for Anna's next code
    "COOLING_OFF": "PT3S",
}


class Clock:
    """Tells each step with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def say(self, text: str) -> None:
        """Print one step."""
        print(f"{time.monotonic() - self._started:6.1f}s  {text}", flush=True)


async def demonstrate(port: int, data: Path) -> Sequence[Path]:
    """Start everything, ask for two copies and for a deletion; return where the last package and certificate lie."""
    _end_on_sigterm()
    clock, anna = Clock(), PEOPLE["anna"]
    clock.say("starting the local stack, a vendor and a service with a lane of its own")
    async with (
        running_company(data, port=port, settings=SETTINGS, say=clock.say) as company,
        reviewing(company.stack, clock.say),
    ):
        stack = company.stack
        async with _journey(stack, clock) as journey:
            clock.say("-- Anna asks by mail, in Dutch --")
            await _show(clock, await journey.by_mail(anna.email, "nl"))
        async with _journey(stack, clock) as journey:
            clock.say("-- Anna asks signed in, in English --")
            answered = await journey.signed_in(stack.token(anna.tenant, anna.oid), "en")
            await _show(clock, answered)
        before = await everything(stack.told)
        async with _journey(stack, clock) as journey:
            clock.say("-- Anna asks for deletion, signed in and with her address --")
            erased = await journey.erase(stack.token(anna.tenant, anna.oid), "en", anna.email)
            await _verify(clock, erased, journey.app)
        _compare(clock, before, await everything(stack.told))
        clock.say("stopping everything")
    clock.say("done")
    return answered.package, erased.package


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
    for one in answered.cases:
        await _show(clock, one)


async def _verify(clock: Clock, erased: Answered, app: httpx.AsyncClient) -> None:
    """Check the certificate as anybody would: offline, with the published keys."""
    keys = RESULTS / "keys.json"
    await asyncio.to_thread(keys.write_bytes, (await app.get("/api/v1/keys")).content)
    command = [sys.executable, "-m", "shared.verify_certificate", str(erased.package), "--keys", str(keys)]
    checked = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    if checked.returncode != 0:
        raise StepFailed(f"the certificate is {checked.stderr.strip()}")
    clock.say("certificate verified offline:")
    for line in checked.stdout.splitlines():
        clock.say(f"  {line}")
    for one in erased.cases:
        await _verify(clock, one, app)


def _compare(clock: Clock, before: Sequence[Held], after: Sequence[Held]) -> None:
    """Tell what there is of Anna in the stores themselves, read raw."""
    hers = theirs(PEOPLE["anna"])
    counted = [[one.place.split("/")[:2] for one in held if hers(one)] for held in (before, after)]
    clock.say(f"records and files of hers, in every system: {len(counted[0])} before, {len(counted[1])} now")
    clock.say("  still there, kept by law or under an address she did not prove:")
    for place, number in Counter("/".join(place) for place in counted[1]).items():
        clock.say(f"    {place}: {number}")


def main() -> int:
    """Run it; what goes wrong is told in one line."""
    try:
        port = int(os.environ.get("PORT") or 7071)
        RESULTS.mkdir(parents=True, exist_ok=True)
        results = asyncio.run(demonstrate(port, Path(os.environ.get("DATA") or ".data")))
    except (StackError, StepFailed, PackageWrong, RuntimeError, ValueError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except httpx.HTTPError as error:
        print(f"demo: the service did not answer: {type(error).__name__} {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("demo: interrupted", file=sys.stderr)
        return 130
    for name, path in zip(("package", "certificate"), results, strict=True):
        print(f"The {name}: {path.resolve()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
