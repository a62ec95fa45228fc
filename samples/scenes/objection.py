"""An objection of Anna's to a use on legitimate interest: it stops at once, and two operators weigh it."""

import asyncio
import time

from samples.asking_first import ask_first, service_token
from samples.calling import StepFailed
from samples.letters import LOOK_EVERY
from samples.offices import Operator
from samples.people import PEOPLE
from samples.stage import Stage

RIGHT = "objection"
DATASET, PURPOSE = "app-telemetry", "security"
HEARD_WITHIN = 30.0
SITUATION = "I test Spinpanel at night for my work, and do not want to be taken for a burglar."
ANSWER = (
    "We look at failed sign-ins at night to keep burglars out, of your account too. That weighs more here: without it "
    "nobody's data is safe. Nothing else is done with these records, and after 90 days they are deleted."
)


async def play(stage: Stage) -> None:
    """Object, let it be weighed and refused, and ask as a service at each point what may be done.

    Raises:
        StepFailed: the service hears something else than it should.
    """
    stage.say(f"-- Anna objects to the use of her telemetry for {PURPOSE}, which rests on a legitimate interest --")
    anna = stage.journey(PEOPLE["anna"])
    token = await service_token(stage.told)
    earlier = await anna.unanswered(RIGHT)  # an earlier run was broken off: this one goes on with it
    await _hear(stage, token, objected=bool(earlier))
    ask = {"datasets": [DATASET], "purposes": [PURPOSE], "statement": SITUATION}
    wanted = {"rights": [RIGHT], "details": {RIGHT: ask}, "language": "en"}
    asked = earlier[0] if earlier else await anna.ask(wanted)
    await _hear(stage, token, objected=True)
    olga, pieter = Operator(stage.desk(PEOPLE["olga"])), Operator(stage.desk(PEOPLE["pieter"]))
    await olga.read(asked["id"])
    proposed = await olga.propose_refusal(asked["id"], "compelling_grounds", ANSWER)
    await _hear(stage, token, objected=True)
    await pieter.read(asked["id"])
    await pieter.confirm(asked["id"], proposed)
    ended = await anna.until(asked["id"])
    if ended["status"] != "refused":
        raise StepFailed(f"the objection {asked['id']} ended as {ended['status']}")
    await anna.told(asked["id"], "This is our answer")
    await _hear(stage, token, objected=False)


async def _hear(stage: Stage, token: str, *, objected: bool) -> None:
    """Ask as the telemetry service until it hears what it should."""
    give_up = time.monotonic() + HEARD_WITHIN
    while time.monotonic() < give_up:
        allowed = await ask_first(stage.app, token, PEOPLE["anna"])
        if (PURPOSE in allowed.objections) is objected:
            stage.say(f"the telemetry service asks before it uses her records, and hears: {allowed}")
            return
        await asyncio.sleep(LOOK_EVERY)
    raise StepFailed(f"the telemetry service did not hear of the objection's {'begin' if objected else 'end'}")
