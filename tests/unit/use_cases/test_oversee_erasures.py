"""What operators decide: approvals bound to a hash, new plans, tasks closed by hand, brakes let go."""

from dataclasses import replace

import pytest
from asking import happenings, now
from builders import CONTOSO, HOME, MIRA, NOBODY, Person, put
from erasing_world import (
    OPERATOR,
    Failing,
    close,
    closing,
    erased,
    erasing_world,
    lines,
    pass_time,
    planned,
    started,
)

from shared.domain.errors import Conflict, Gone, InvalidInput, NotAllowed, NotFound, NotSignedIn, Permanent
from shared.domain.service_task import TaskState
from shared.domain.states import Happening, State

# An operator of ours who asks for their own data, too.
INSIDER = Person(
    given="Ina",
    surname="Vos",
    email="ina@spinpanel.example",
    tenant=HOME,
    object_id="ffffffff-0000-4000-8000-00000000000f",
)
AS_OPERATOR = INSIDER.caller("Privacy.Operator")
NO_OPERATORS = [
    pytest.param(MIRA.caller(), NotAllowed, id="a person"),
    pytest.param(MIRA.caller("Privacy.Operator"), NotAllowed, id="a role of another tenant"),
    pytest.param(INSIDER.caller("Privacy.Auditor"), NotAllowed, id="an auditor"),
    pytest.param(
        replace(OPERATOR, principal=replace(OPERATOR.principal, app="00000000-0000-4000-8000-0000000000da")),
        NotAllowed,
        id="a daemon",
    ),
    pytest.param(NOBODY, NotSignedIn, id="nobody"),
]


async def plan_hash(world, request_id) -> str:
    return (await world.requests.load(request_id)).plan.hash


async def manual(world, dataset="letters") -> tuple[str, str]:
    """An erasure with a task that waits for an operator."""
    world.connectors = {"memory": Failing(world.store, dataset, Permanent("access_denied"))}
    request_id = await started(world)
    await world.drain()
    return request_id, "erase1-0.0.mailing" if dataset == "letters" else "erase1-1.0.support"


async def halted(world, **how):
    request_id = await planned(world, **how)
    await world.halt_erasure.case(await world.requests.load(request_id), "hold", "tickets")
    return request_id


# ── Who ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("caller", "error"), NO_OPERATORS)
async def test_operators_alone_decide(caller, error):
    world = erasing_world()
    request_id, task = await manual(world)
    before = await world.requests.load(request_id)
    oversee = world.oversee_erasures
    for asked in (
        lambda: oversee.plan(caller, request_id),
        lambda: oversee.approve(caller, request_id, "0" * 64),
        lambda: oversee.plan_anew(caller, request_id),
        lambda: oversee.close(caller, f"{request_id}.{task}", closing(letters=1)),
        lambda: oversee.brakes_on(caller),
        lambda: oversee.release(caller, CONTOSO),
    ):
        with pytest.raises(error):
            await asked()
    assert await world.requests.load(request_id) == before


async def test_nobody_decides_about_themselves():
    world = erasing_world(erasure_approval="operator")
    request_id = await planned(world, person=INSIDER)
    oversee = world.oversee_erasures
    decided = await plan_hash(world, request_id)
    with pytest.raises(NotAllowed):
        await oversee.plan(AS_OPERATOR, request_id)
    with pytest.raises(NotAllowed):
        await oversee.approve(AS_OPERATOR, request_id, decided)
    await oversee.approve(OPERATOR, request_id, decided)
    assert (await now(world, request_id)).erasure.approved_by == OPERATOR.principal.object_id


async def test_nobody_plans_their_own_halted_erasure_anew():
    world = erasing_world()
    request_id = await halted(world, person=INSIDER)
    with pytest.raises(NotAllowed):
        await world.oversee_erasures.plan_anew(AS_OPERATOR, request_id)
    assert (await now(world, request_id)).state is State.HALTED


async def test_what_is_not_there_is_not_found():
    world = erasing_world()
    dead = "00000000-0000-4000-8000-00000000dead"
    request_id = await planned(world)
    for asked in (
        world.oversee_erasures.plan(OPERATOR, dead),
        world.oversee_erasures.approve(OPERATOR, dead, "0" * 64),
        world.oversee_erasures.plan_anew(OPERATOR, dead),
        world.oversee_erasures.close(OPERATOR, f"{request_id}.erase1-0.0.nobody", closing()),
        world.oversee_erasures.close(OPERATOR, "no task", closing()),
        world.oversee_erasures.release(OPERATOR, CONTOSO),
    ):
        with pytest.raises(NotFound):
            await asked


# ── Approval ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_approval_is_bound_to_the_plan_that_was_shown():
    world = erasing_world(erasure_approval="operator")
    request_id = await planned(world)
    _, shown = await world.oversee_erasures.plan(OPERATOR, request_id)
    with pytest.raises(Conflict, match="plan_changed"):
        await world.oversee_erasures.approve(OPERATOR, request_id, "0" * 64)
    assert (await now(world, request_id)).erasure.approved_hash is None
    after = await world.oversee_erasures.approve(OPERATOR, request_id, shown.hash)
    assert after.erasure.approved_hash == shown.hash
    (approved,) = [one for one in await world.requests.history(request_id) if one.happening is Happening.APPROVED]
    assert (approved.actor, approved.about) == (OPERATOR.principal.object_id, shown.hash)


async def test_an_approval_of_an_earlier_plan_says_nothing_of_a_later_one():
    world = erasing_world(erasure_approval="operator")
    request_id = await planned(world)
    first = await plan_hash(world, request_id)
    await world.oversee_erasures.approve(OPERATOR, request_id, first)
    world.store.drawers["memory", "letters"].rows[:] = []
    await world.halt_erasure.case(await world.requests.load(request_id), "count", "letters")
    await world.oversee_erasures.plan_anew(OPERATOR, request_id)
    await world.drain()
    pass_time(world, world.settings.cooling_off)
    await world.advance_request.of(request_id)
    request = await now(world, request_id)
    assert request.state is State.APPROVAL_PENDING
    assert request.erasure.approved_hash is None
    assert await plan_hash(world, request_id) != first
    with pytest.raises(Conflict, match="plan_changed"):
        await world.oversee_erasures.approve(OPERATOR, request_id, first)


async def test_approving_twice_is_one_approval():
    world = erasing_world(erasure_approval="operator")
    request_id = await planned(world)
    decided = await plan_hash(world, request_id)
    for _ in range(2):
        await world.oversee_erasures.approve(OPERATOR, request_id, decided)
    assert happenings(await world.requests.history(request_id)).count("approved") == 1


async def test_there_is_nothing_to_approve_before_a_plan_and_none_to_show():
    world = erasing_world()
    request_id = await planned(world, "access")
    with pytest.raises(Conflict, match="no_plan"):
        await world.oversee_erasures.plan(OPERATOR, request_id)
    with pytest.raises(Conflict, match="no_plan"):
        await world.oversee_erasures.approve(OPERATOR, request_id, "0" * 64)


async def test_what_has_begun_can_be_approved_no_more():
    world = erasing_world()
    request = await erased(world)
    with pytest.raises(Conflict, match="not_while_completed"):
        await world.oversee_erasures.approve(OPERATOR, request.id, await plan_hash(world, request.id))


# ── A plan anew ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_only_what_is_halted_is_planned_anew():
    world = erasing_world()
    request_id = await planned(world)
    with pytest.raises(Conflict, match="not_while_in_progress"):
        await world.oversee_erasures.plan_anew(OPERATOR, request_id)
    assert (await now(world, request_id)).state is State.COOLING_OFF


async def test_who_had_it_planned_anew_stands_in_its_history():
    world = erasing_world()
    request_id = await halted(world)
    after = await world.oversee_erasures.plan_anew(OPERATOR, request_id)
    assert (after.state, after.attention, after.erasure.round) == (State.SURVEYING, (), 2)
    newest = (await world.requests.history(request_id))[-1]
    assert (newest.happening, newest.actor) == (Happening.SURVEY_STARTED, OPERATOR.principal.object_id)


# ── Closing a task ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_task_is_closed_by_name_and_its_evidence_is_sealed():
    world = erasing_world()
    request_id, task = await manual(world)
    await close(world, request_id, task, closing(letters=2))
    case = await world.requests.load(request_id)
    closed = case.tasks[task].row
    assert (closed.state, closed.closed_by) == (TaskState.DONE, OPERATOR.principal.object_id)
    _, seal = await world.dossiers.opened(case.request.row)
    assert seal.unlock(closed.evidence) == b"Deleted by hand, ticket OPS-17"
    assert b"OPS-17" not in closed.evidence
    (noted,) = [one for one in await world.requests.history(request_id) if one.happening is Happening.TASK_CLOSED]
    assert (noted.actor, noted.about) == (OPERATOR.principal.object_id, task)


async def test_closing_the_last_task_of_a_wave_lets_the_erasure_go_on():
    world = erasing_world()
    request_id, task = await manual(world)
    assert (await now(world, request_id)).stage == "erase1-0"
    await close(world, request_id, task, closing(letters=2))
    assert (await now(world, request_id)).stage == "erase1-1"
    await world.drain()
    assert (await now(world, request_id)).state is State.COMPLETED


async def test_a_task_is_closed_once():
    world = erasing_world()
    request_id, task = await manual(world)
    await close(world, request_id, task, closing(letters=2))
    with pytest.raises(Gone, match="task_ended"):
        await close(world, request_id, task, closing(letters=7))
    assert (await world.requests.load(request_id)).tasks[task].row.receipts[0].count == 2


async def test_a_task_that_is_still_being_tried_is_not_an_operators_turn():
    world = erasing_world()
    request_id = await started(world)
    with pytest.raises(Conflict, match="not_manual"):
        await close(world, request_id, "erase1-0.0.mailing", closing(letters=2))


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(closing(tickets=1), id="a dataset is missing"),
        pytest.param(closing(tickets=1, calls=1, users=1), id="a dataset of another service"),
        pytest.param(closing(), id="nothing counted"),
    ],
)
async def test_evidence_counts_each_dataset_of_the_task_and_no_other(given):
    world = erasing_world()
    request_id, task = await manual(world, dataset="tickets")
    with pytest.raises(InvalidInput, match="counts"):
        await close(world, request_id, task, given)
    assert (await world.requests.load(request_id)).tasks[task].row.state is TaskState.MANUAL


async def test_what_an_operator_found_to_hold_nothing_is_a_receipt_of_zero():
    world = erasing_world()
    request_id, task = await manual(world)
    await close(world, request_id, task, closing("nothing_held"))
    await world.drain()
    request = await now(world, request_id)
    assert request.state is State.COMPLETED
    assert (await lines(world, request))["letters"].outcome == "nothing_found"


async def test_nobody_closes_a_task_of_their_own_request():
    world = erasing_world()
    put(world.store, "letters", {"to": INSIDER.email, "sentTo": []})
    world.connectors = {"memory": Failing(world.store, "letters", Permanent("access_denied"))}
    request_id = await started(world, person=INSIDER)
    await world.drain()
    _, task = await world.requests.read_task(request_id, "erase1-0.0.mailing")
    assert task.row.state is TaskState.MANUAL
    with pytest.raises(NotAllowed):
        await close(world, request_id, "erase1-0.0.mailing", closing(letters=0), by=AS_OPERATOR)


async def test_a_task_of_a_halted_round_can_no_longer_be_closed():
    world = erasing_world()
    request_id, task = await manual(world)
    await world.halt_erasure(request_id, "hold", "activity")
    with pytest.raises(Gone, match="task_ended"):
        await close(world, request_id, task, closing(letters=2))


async def test_an_erasure_that_runs_goes_through_without_any_operator():
    world = erasing_world()
    request = await erased(world)
    assert request.state is State.COMPLETED
    assert not [one for one in await world.requests.history(request.id) if one.actor]
