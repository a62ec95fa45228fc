"""An objection of Anna's to a use on legitimate interest: it stops at once, and two operators weigh it."""

import asyncio
import time

from samples.asking_first import Allowed, ask_first
from samples.calling import StepFailed
from samples.letters import LOOK_EVERY
from samples.offices import Operator
from samples.people import PEOPLE
from samples.stage import Stage

DATASET, PURPOSE = "app-telemetry", "security"
HEARD_WITHIN = 30.0
SITUATION = "I test Spinpanel at night for my work, and do not want to be taken for a burglar."
ANSWER = (
    "We look at failed sign-ins at night to keep burglars out, of your account too. That weighs more here: without it "
    "nobody's data is safe. Nothing else is done with these records, and after 90 days they are deleted."
)


async def play(stage: Stage) -> None:
    """Object, let it be weighed and refused, and ask as a service at each point what may be done."""
    stage.say(f"-- Anna objects to the use of her telemetry for {PURPOSE}, which rests on a legitimate interest --")
    anna = stage.journey(PEOPLE["anna"])
    await _heard(stage, objected=False)
    ask = {"datasets": [DATASET], "purposes": [PURPOSE], "statement": SITUATION}
    asked = await anna.ask({"rights": ["objection"], "details": {"objection": ask}, "language": "en"})
    await _heard(stage, objected=True)
    olga, pieter = Operator(stage.desk(PEOPLE["olga"])), Operator(stage.desk(PEOPLE["pieter"]))
    await olga.read(asked["id"])
    proposed = await olga.propose_refusal(asked["id"], "compelling_grounds", ANSWER)
    await _heard(stage, objected=True)
    await pieter.read(asked["id"])
    await pieter.confirm(asked["id"], proposed)
    ended = await anna.until(asked["id"])
    if ended["status"] != "refused":
        raise StepFailed(f"the objection {asked['id']} ended as {ended['status']}")
    await anna.told(asked["id"], "This is our answer")
    await _heard(stage, objected=False)


async def _heard(stage: Stage, *, objected: bool) -> Allowed:
    """Ask as the telemetry service until it hears what it should."""
    give_up = time.monotonic() + HEARD_WITHIN
    while time.monotonic() < give_up:
        allowed = await ask_first(stage.app, stage.told, PEOPLE["anna"])
        if (PURPOSE in allowed.objections) is objected:
            stage.say(f"the telemetry service asks before it uses her records; {allowed}")
            return allowed
        await asyncio.sleep(LOOK_EVERY)
    raise StepFailed(f"the telemetry service did not hear of the objection's {'begin' if objected else 'end'}")
