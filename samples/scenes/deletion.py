"""The deletion of what is held about Anna, its certificate checked by anybody, and the stores read raw."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from samples.calling import StepFailed
from samples.journey import Answered
from samples.people import PEOPLE
from samples.raw import Held, everything
from samples.stage import Stage
from samples.traces import theirs


async def play(stage: Stage) -> Path:
    """Have it deleted; return where the certificate lies."""
    anna = PEOPLE["anna"]
    before = await everything(stage.told)
    stage.say("-- Anna asks for deletion, signed in and with her address --")
    erased = await stage.journey(anna).erase("en", anna.email)
    await _verify(stage, erased)
    _compare(stage, before, await everything(stage.told))
    return erased.package


async def _verify(stage: Stage, erased: Answered) -> None:
    """Check the certificates as anybody would: offline, with the published keys."""
    keys = stage.folder / "keys.json"
    await asyncio.to_thread(keys.write_bytes, (await stage.app.get("/api/v1/keys")).content)
    for one in (erased, *erased.cases):
        command = [sys.executable, "-m", "shared.verify_certificate", str(one.package), "--keys", str(keys)]
        checked = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
        if checked.returncode != 0:
            raise StepFailed(f"the certificate is {checked.stderr.strip()}")
        stage.say("certificate verified offline:")
        for line in checked.stdout.splitlines():
            stage.say(f"  {line}")


def _compare(stage: Stage, before: Sequence[Held], after: Sequence[Held]) -> None:
    """Tell what there is of Anna in the stores themselves, read raw."""
    hers = theirs(PEOPLE["anna"])
    counted = [[one.place.split("/")[:2] for one in held if hers(one)] for held in (before, after)]
    stage.say(f"records and files of hers, in every system: {len(counted[0])} before, {len(counted[1])} now")
    stage.say("  still there, kept by law or under an address she did not prove:")
    for place, number in Counter("/".join(place) for place in counted[1]).items():
        stage.say(f"    {place}: {number}")
