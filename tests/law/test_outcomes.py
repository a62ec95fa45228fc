"""Every right on every legal basis, in both of Spinpanel's roles, by every way in: the law says what happens."""

from pathlib import Path

import pytest
from builders import TOM
from legal_world import CHANNELS, NEW_NAME, ROLES, LegalWorld, correction

from shared import wiring
from shared.domain.states import State

LINES = [
    tuple(cell.strip() for cell in line.strip("|\n").split("|"))
    for line in (Path(__file__).parent / "outcomes.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| right")
]
OUTCOMES = {}


@pytest.fixture(autouse=True)
def _no_graph_is_left_behind():
    yield
    wiring.override(None)


def outcome(words):
    """Name what the table's words mean to the system."""

    def keep(check):
        OUTCOMES[words] = check
        return check

    return keep


class Asked:
    """A line of the table being lived: how it is asked, and the case that answers it, a customer's too."""

    def __init__(self, world: LegalWorld, channel: str) -> None:
        self.world, self.channel = world, channel

    async def __call__(self, right: str, *, refused_for: str | None = None, **scope):
        world, before = self.world, self.world.rows()
        assert before, "there is something to ask about"
        request = await world.ask(right, self.channel, **scope)
        self.request = request
        if world.role == "controller":
            assert not request.linked, "nothing is anybody else's to decide"
            return request
        case = await world.case_of(request)
        assert case.state is State.FORWARDED
        assert world.rows() == before, "nothing happens before the customer has decided"
        assert not (await world.limits()).restricted
        assert (case.received_at, case.tenant) == (request.received_at, "20000000-0000-4000-8000-000000000002")
        return await world.decided_by_customer(case, refused_for)


@outcome("a copy is handed over")
async def copied(world, ask):
    case = await ask("access")
    assert case.state is State.COMPLETED
    assert (await world.package(case))["datasets"][world.name]["state"] == "included"


@outcome("handed over for machines to read")
async def ported(world, ask):
    case = await ask("portability")
    assert case.state is State.COMPLETED
    package = await world.package(case)
    assert f"portability/data/{world.name}.json" in package["paths"]
    assert f"portability/data/{world.name}.schema.json" in package["paths"]


@outcome("nothing is portable, and the package says why")
async def not_portable(world, ask):
    request = await world.ask("portability", ask.channel)
    package = await world.package(request)
    assert not [path for path in package["paths"] if world.name in path]
    if world.role == "controller":
        assert package["datasets"][world.name]["reason"] == "legal_basis"
    else:
        assert not request.linked, "the customer is not asked for what is not there"


@outcome("corrected at once")
async def corrected(world, ask):
    others = world.rows(TOM)
    case = await ask("rectification", **correction(world, "name", NEW_NAME))
    assert case.state is State.COMPLETED
    assert [row["name"] for row in world.rows()] == [NEW_NAME]
    assert world.rows(TOM) == others


@outcome("corrected once a person granted it")
async def corrected_when_granted(world, ask):
    case = await ask("rectification", **correction(world, "score", "3"))
    if world.role == "controller":
        assert (case.state, world.rows()[0]["score"]) == (State.DECIDING, 7)
        case = await world.decided(case, "granted")
    assert (case.state, world.rows()[0]["score"]) == (State.COMPLETED, 3)


@outcome("left as it is once people refused it")
async def not_corrected(world, ask):
    case = await ask("rectification", refused_for="accuracy_established", **correction(world, "score", "3"))
    if world.role == "controller":
        case = await world.decided(case, "refused", "accuracy_established")
    assert (case.state, world.rows()[0]["score"]) == (State.REFUSED, 7)
    assert world.told("court")


@outcome("left as a record of what was, and the answer says so")
async def record_kept(world, ask):
    before = world.rows()
    case = await ask("rectification", **correction(world, "mail", "another@contoso.example"))
    if world.role == "controller":
        assert case.state is State.DECIDING
        case = await world.decided(case, "granted")
    assert (case.state, world.rows()) == (State.PARTIALLY_COMPLETED, before)


@outcome("erased")
async def erased(world, ask):
    others = world.rows(TOM)
    case = await ask("erasure")
    assert case.state is State.COMPLETED
    assert world.rows() == []
    assert world.rows(TOM) == others
    assert case.certificate is not None


@outcome("retained, and the certificate says why")
async def retained(world, ask):
    before = world.rows()
    case = await ask("erasure")
    assert case.state is State.COMPLETED
    assert world.rows() == before
    assert case.certificate is not None
    decisions = (await world.services.requests.load(case.id)).plan.decisions
    assert [(one.dataset, one.exemption) for one in decisions] == [(world.name, "17-3-b")]


@outcome("may only be stored, at once")
async def restricted(world, ask):
    assert not (await world.limits()).restricted
    case = await ask("restriction", ground="18-1-a")
    assert case.state is State.COMPLETED
    assert (await world.limits()).restricted


@outcome("stops at once, for good")
async def stopped(world, ask):
    right = "objection" if "marketing" in world.name else "withdraw_consent"
    case = await ask(right)
    assert case.state is State.COMPLETED
    limits = await world.limits()
    assert f"for-{world.name}" in {*limits.objections, *limits.withdrawals}


@outcome("stops while it is weighed, and for good once granted")
async def objection_granted(world, ask):
    case = await ask("objection", statement="My situation is another one")
    assert f"for-{world.name}" in (await world.limits()).objections
    if world.role == "controller":
        assert case.state is State.DECIDING
        case = await world.decided(case, "granted")
    assert case.state is State.COMPLETED
    assert f"for-{world.name}" in (await world.limits()).objections


@outcome("stops while it is weighed, and goes on once people showed why")
async def objection_refused(world, ask):
    case = await ask("objection", refused_for="compelling_grounds", statement="My situation is another one")
    if world.role == "controller":
        assert f"for-{world.name}" in (await world.limits()).objections
        case = await world.decided(case, "refused", "compelling_grounds")
    assert case.state is State.REFUSED
    assert world.told("court")
    await world.services.sweep(days=30)
    await world.services.drain()
    limits = await world.limits()
    assert (limits.objections, limits.restricted) == ((), False)


@outcome("does not apply, and two people say so")
async def no_objection(world, ask):
    if world.role == "processor":
        request = await world.ask("objection", ask.channel)
        assert not request.linked, "the customer is not asked for what does not reach its data"
        return
    case = await ask("objection", statement="I do not want this")
    assert case.state is State.DECIDING
    case = await world.decided(case, "refused", "right_not_applicable")
    assert case.state is State.REFUSED
    assert world.told("court")


@outcome("does not rest on consent, and two people say so")
async def nothing_to_withdraw(world, ask):
    request = await world.ask("withdraw_consent", ask.channel)
    assert (request.state, request.linked) == (State.DECIDING, ())
    request = await world.decided(request, "refused", "right_not_applicable")
    assert request.state is State.REFUSED
    assert (await world.limits()).withdrawals == ()


@outcome("a named reviewer answers")
async def reviewed(world, ask):
    case = await ask("human_review", statement="Look again, please")
    if world.role == "controller":
        assert case.state is State.DECIDING
        case = await world.decided(case, "granted")
        assert case.verdicts[0].proposed_by == world.olga.principal.object_id
    assert case.state is State.COMPLETED


@outcome("somebody uninvolved answers")
async def complained(world, ask):
    first = await world.ask("objection", "app", statement="I do not want this")
    case = await world.ask("complaint", ask.channel, statement="Nobody answers me", about=str(first.id))
    assert (case.state, case.linked) == (State.DECIDING, ()), "what it is about is our own handling"
    case = await world.decided(case, "granted")
    assert case.state is State.COMPLETED


def _name(right: str, basis: str) -> str:
    return f"marketing-{basis}" if "marketing" in right else basis


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("right", "basis", "happens", "article"), LINES, ids=[f"{n}" for n, _ in enumerate(LINES, 1)])
async def test_what_the_law_asks_is_what_happens(right, basis, happens, article, role, channel):
    assert article
    world = LegalWorld(role, _name(right, basis))
    await OUTCOMES[happens](world, Asked(world, channel))


def test_every_right_and_every_basis_is_in_the_table():
    from shared.rights import discovered

    rights = {right.split(" ")[0] for right, *_ in LINES}
    assert rights == discovered().keys() - {"inquiry"}, "an inquiry is an authority's, and asks nothing of data"
    for right in ("access", "portability", "rectification", "erasure", "restriction", "withdraw_consent"):
        assert {basis for one, basis, *_ in LINES if one == right} == {"consent", "contract", "duty", "interest"}
    assert {happens for _, _, happens, _ in LINES} == OUTCOMES.keys()
