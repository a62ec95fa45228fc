"""Two copies of what is held about Anna: to whoever reads her mailbox, and to herself, signed in."""

import asyncio
from pathlib import Path

from samples.journey import Answered
from samples.package import check_package
from samples.people import PEOPLE
from samples.stage import Stage


async def play(stage: Stage) -> Path:
    """Ask twice and check what comes; return where the second package lies."""
    anna = PEOPLE["anna"]
    stage.say("-- Anna asks by mail, in Dutch --")
    await show(stage, await stage.journey().by_mail(anna.email, "nl"))
    stage.say("-- Anna asks signed in, in English --")
    answered = await stage.journey(anna).signed_in("en")
    await show(stage, answered)
    return answered.package


async def show(stage: Stage, answered: Answered) -> None:
    """Check a package, and those of its cases, against their manifests and tell what is in them."""
    checked = await asyncio.to_thread(check_package, answered.package)
    stage.say(f"package matches its manifest: {checked.files} files, {checked.records} records")
    states = (f"{number} {state.replace('_', ' ')}" for state, number in checked.datasets.items())
    stage.say(f"datasets: {', '.join(states)}")
    for one in answered.cases:
        await show(stage, one)
