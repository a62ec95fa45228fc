"""Two corrections of Anna's registration: one that is hers to make, and one that somebody has to look at."""

from typing import Any

from samples.calling import StepFailed
from samples.offices import Operator
from samples.one_row import read_row
from samples.people import PEOPLE
from samples.stage import Stage

DATASET, TABLE = "sign-ups", "signups"
OWN, CHECKED = "firstName", "companyName"


async def play(stage: Stage) -> None:
    """Correct a field that the map leaves to people, and one that it does not.

    Raises:
        StepFailed: the store does not say afterwards what it should.
    """
    stage.say("-- Anna corrects her first name, which is hers to change --")
    anna = stage.journey(PEOPLE["anna"])
    await _expect(stage, OWN, PEOPLE["anna"].given)
    changed = await anna.change_profile([_correction(OWN, "Anne-Marijn")])
    await _end(stage, changed, OWN, "Anne-Marijn")
    stage.say("-- Anna asks to correct the name of her company, which somebody has to look at --")
    before = PEOPLE["anna"].home.name
    ask = {"corrections": [_correction(CHECKED, "Noordzee Logistiek Rotterdam B.V.")]}
    asked = await anna.ask({"rights": ["rectification"], "details": {"rectification": ask}, "language": "en"})
    olga = Operator(stage.desk(PEOPLE["olga"]))
    await olga.read(asked["id"])
    await _expect(stage, CHECKED, before)
    await olga.grant(asked["id"])
    await _end(stage, asked, CHECKED, "Noordzee Logistiek Rotterdam B.V.")


async def _end(stage: Stage, asked: dict[str, Any], field: str, value: str) -> None:
    anna = stage.journey(PEOPLE["anna"])
    ended = await anna.until(asked["id"])
    if ended["status"] != "completed":
        raise StepFailed(f"the correction {asked['id']} ended as {ended['status']}")
    await anna.told(asked["id"], "This is our answer")
    await _expect(stage, field, value)


async def _expect(stage: Stage, field: str, value: str) -> None:
    """Tell what the store itself says."""
    anna = PEOPLE["anna"]
    held = (await read_row(stage.told, TABLE, anna.tenant, anna.oid))[field]
    if held != value:
        raise StepFailed(f"the store says {held!r} in {TABLE}/{field} instead of {value!r}")
    stage.say(f"the store, read raw: {TABLE}/{field} is {held!r}")


def _correction(field: str, value: str) -> dict[str, str]:
    return {"dataset": DATASET, "field": field, "value": value}
