"""What a person sees and decides of their own erasure."""

from datetime import timedelta

import pytest
from asking import answered, happenings, now
from builders import MIRA, NAMESAKE, NOBODY, TOM, session_of
from erasing_world import OPERATOR, erased, erasing_world, planned, requested, rows, run_on, started

from shared.domain.errors import Conflict, NotFound, NotSignedIn, ProofNeeded
from shared.domain.states import State
from shared.use_cases.caller import Caller


def by_session(world, request_id) -> Caller:
    """Whoever confirmed a code of this request just now."""
    return Caller(network="n-1", session=world.references.session(session_of(world, request_id), world.clock()))


async def test_a_person_sees_the_plan_as_it_was_made():
    world = erasing_world()
    request_id = await planned(world)
    request, plan = await world.own_erasure.plan(MIRA.caller(), request_id)
    assert plan == (await world.requests.load(request_id)).plan
    assert plan.hash == request.erasure.plan_hash


async def test_a_plan_stays_to_be_seen_when_it_was_carried_out():
    world = erasing_world()
    request = await erased(world)
    _, plan = await world.own_erasure.plan(MIRA.caller(), request.id)
    assert plan.hash == request.erasure.plan_hash


@pytest.mark.parametrize(
    ("caller", "error"),
    [
        pytest.param(TOM.caller(), NotFound, id="a colleague"),
        pytest.param(NAMESAKE.caller(), NotFound, id="a namesake"),
        pytest.param(OPERATOR, NotFound, id="an operator"),
        pytest.param(NOBODY, NotSignedIn, id="nobody"),
    ],
)
async def test_nobody_else_sees_a_plan_or_waives_a_copy(caller, error):
    world = erasing_world()
    request_id = await planned(world, "access", "erasure")
    before = await world.requests.load(request_id)
    with pytest.raises(error):
        await world.own_erasure.plan(caller, request_id)
    with pytest.raises(error):
        await world.own_erasure.waive_copy(caller, request_id)
    assert await world.requests.load(request_id) == before


async def test_a_session_is_asked_for_a_fresh_code_after_a_while():
    world = erasing_world()
    request_id = await planned(world, "access", "erasure", signed_in=False)
    caller = by_session(world, request_id)
    with pytest.raises(Conflict, match="no_plan"):
        await world.own_erasure.plan(caller, request_id)
    world.clock.now += world.settings.fresh_proof_for + timedelta(seconds=1)
    for asked in (world.own_erasure.plan, world.own_erasure.waive_copy):
        with pytest.raises(ProofNeeded):
            await asked(caller, request_id)
    assert (await now(world, request_id)).erasure.waived_at is None
    await world.own_erasure.waive_copy(by_session(world, request_id), request_id)
    assert (await now(world, request_id)).erasure.waived_at == world.clock()


async def test_there_is_no_plan_before_the_dry_run_has_ended():
    world = erasing_world()
    request_id = await requested(world)
    with pytest.raises(Conflict, match="no_plan"):
        await world.own_erasure.plan(MIRA.caller(), request_id)


@pytest.mark.parametrize("rights", [("access",), ("erasure",)])
async def test_only_a_copy_that_an_erasure_waits_behind_is_waived(rights):
    world = erasing_world()
    request_id = await planned(world, *rights)
    with pytest.raises(Conflict, match="nothing_waits"):
        await world.own_erasure.waive_copy(MIRA.caller(), request_id)


async def test_a_waiver_lets_the_erasure_begin_and_again_is_no_error():
    world = erasing_world()
    request_id = await planned(world, "access", "erasure")
    for _ in range(2):
        after = await world.own_erasure.waive_copy(MIRA.caller(), request_id)
        assert after.erasure.waived_at == world.clock()
    assert happenings(await world.requests.history(request_id)).count("waived") == 1
    await world.drain()
    assert (await now(world, request_id)).state is State.COOLING_OFF
    assert (await run_on(world, request_id)).state is State.COMPLETED


# ── Withdrawing ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_withdrawing_an_erasure_behind_a_copy_leaves_the_copy():
    world = erasing_world()
    request_id = await planned(world, "access", "erasure")
    before = rows(world)
    after = await world.withdraw_request(MIRA.caller(), request_id)
    assert (after.state, after.reason) == (State.COMPLETED, "erasure_withdrawn")
    assert {part.right: part.state for part in after.parts} == {
        "access": State.COMPLETED,
        "erasure": State.WITHDRAWN,
    }
    for _ in range(5):
        await world.sweep(days=3)
        await world.drain()
    assert (await now(world, request_id)).state is State.COMPLETED
    assert await world.packages.names(request_id) == [f"{request_id}/package.zip"]
    assert rows(world) == before
    assert "withdrawn" in world.mailer.sent[-1].subject.lower() + world.mailer.sent[-1].text.lower()


async def test_withdrawing_an_erasure_behind_a_copy_that_lacks_something_says_that_it_does():
    world = erasing_world()
    del world.store.drawers["memory", "activity"]
    request_id = await planned(world, "access", "erasure")
    after = await world.withdraw_request(MIRA.caller(), request_id)
    assert after.state is State.PARTIALLY_COMPLETED
    assert {part.state for part in after.parts} == {State.PARTIALLY_COMPLETED, State.WITHDRAWN}


async def test_withdrawing_before_the_copy_is_there_withdraws_everything():
    world = erasing_world()
    request_id = await requested(world, "access", "erasure")
    after = await world.withdraw_request(MIRA.caller(), request_id)
    assert (after.state, {part.state for part in after.parts}) == (State.WITHDRAWN, {State.WITHDRAWN})


async def test_an_erasure_is_asked_beside_a_copy_of_before_without_touching_that():
    world = erasing_world()
    copy = await answered(world, signed_in=True)
    request_id = await planned(world)
    assert (await run_on(world, request_id)).state is State.COMPLETED
    assert await world.packages.names(copy.id) == [f"{copy.id}/package.zip"]


async def on_the_way(world, state: State):
    """An erasure of Mira in a state that lies before its first deletion."""
    if state is State.SURVEYING:
        request_id = await requested(world)
        (planning,) = world.bus.deliver()
        await world.deliver(planning)
        return request_id
    request_id = await planned(world)
    if state is State.APPROVAL_PENDING:
        await run_on(world, request_id)
    if state is State.HALTED:
        await world.halt_erasure.case(await world.requests.load(request_id), "hold", "tickets")
    return request_id


@pytest.mark.parametrize("state", [State.SURVEYING, State.COOLING_OFF, State.APPROVAL_PENDING, State.HALTED])
async def test_an_erasure_is_withdrawn_at_any_time_before_it_begins(state):
    world = erasing_world(erasure_approval="operator")
    before = rows(world)
    request_id = await on_the_way(world, state)
    assert (await now(world, request_id)).state is state
    after = await world.withdraw_request(MIRA.caller(), request_id)
    assert (after.state, after.reason, after.stage) == (State.WITHDRAWN, "withdrawn", None)
    for _ in range(6):
        await world.sweep(days=2)
        await world.drain()
    assert (await now(world, request_id)).state is State.WITHDRAWN
    assert rows(world) == before


async def test_an_erasure_that_was_halted_after_it_began_cannot_be_withdrawn():
    world = erasing_world()
    request_id = await started(world)
    await world.halt_erasure(request_id, "hold", "tickets")
    assert (await now(world, request_id)).state is State.HALTED
    with pytest.raises(Conflict, match="erasure_has_begun"):
        await world.withdraw_request(MIRA.caller(), request_id)
