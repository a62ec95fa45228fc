"""Show the whole service at work, every right of a person in turn: `python -m samples.demo`, or `make demo`."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx

from devhost.errors import StackError
from samples.calling import StepFailed
from samples.company import load
from samples.package import PackageWrong
from samples.people import PEOPLE
from samples.reviewing import reviewing
from samples.running import running_company
from samples.scenes import copies, corrections, deletion, employer, objection
from samples.stage import Clock, set_stage

RESULTS = Path("build/demo")
SETTINGS = {
    "CODES_PER_ADDRESS": "1000",  # or the sixth demo in an hour waits for Anna's next code
    "COOLING_OFF": "PT3S",
    "LIFTING_AFTER": "PT1S",
}


async def demonstrate(port: int, data: Path) -> Sequence[Path]:
    """Start everything and play every scene; return where the last package and certificate lie."""
    _end_on_signals()
    clock = Clock()
    clock.say("starting the local stack, a vendor and a service with a lane of its own")
    async with (
        running_company(data, port=port, settings=SETTINGS, seeded=False, say=clock.say) as company,
        reviewing(company.stack, clock.say),
        set_stage(company.stack, RESULTS, clock.say) as stage,
    ):
        for one in (PEOPLE["anna"], PEOPLE["femke"]):
            await stage.journey(one).settle_all_but(objection.RIGHT)
        clock.say(f"sample company loaded: {len(await load(company.stack.told))} people")
        package = await copies.play(stage)
        await corrections.play(stage)
        await objection.play(stage)
        await employer.play(stage)
        certificate = await deletion.play(stage)
        clock.say("stopping everything")
    clock.say("done")
    return package, certificate


def _end_on_signals() -> None:
    """End on SIGTERM and on Ctrl-C, also where whoever started this ignores it, so that the stack is stopped."""
    if running := asyncio.current_task():
        for one in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(one, running.cancel)


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
