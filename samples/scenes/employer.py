"""A copy for Femke, whose employer decides itself about what Spinpanel holds for it."""

from dataclasses import replace

from samples.calling import StepFailed
from samples.offices import Administrator
from samples.people import PEOPLE
from samples.scenes.copies import show
from samples.stage import Stage


async def play(stage: Stage) -> None:
    """Ask, show that nothing happens before the employer's administrator grants it, and fetch what comes then.

    Raises:
        StepFailed: the employer was not asked, or something was done before it answered.
    """
    employee, wim = PEOPLE["femke"], PEOPLE["wim"]
    stage.say(f"-- Femke asks for a copy; her employer, {employee.home.name}, decides about its own part --")
    femke = stage.journey(employee)
    asked = await femke.ask({"rights": ["access"], "language": "en"})
    ours = await femke.fetch(asked["id"], "export")
    [case_id] = ours.request["linked"]
    case = await femke.show(case_id)
    if case["status"] != "forwarded" or case["services"]:
        raise StepFailed(f"case {case_id} is {case['status']} with {len(case['services'])} service tasks")
    stage.say(f"-- what Spinpanel holds for the employer is a case of its own, {case_id} --")
    stage.say("request forwarded: no service has looked, until the employer answers")
    await femke.told(case_id, "That organisation decides about this part")
    await femke.told(case_id, "We doen niets totdat u hebt beslist")
    await Administrator(stage.desk(wim)).grant(case_id)
    theirs = await femke.fetch(case_id, "export")
    await show(stage, replace(ours, cases=(theirs,)))
