"""A stopped request goes on by the word of two operators, from where it was held."""

import pytest
from asking import asked, happenings, manifest_of, now, opened
from builders import MIRA, Person, memory_services
from takeovers import OLGA, OTTO, guarded_services, operator

from shared.domain.errors import Conflict, NotAllowed, NotSignedIn
from shared.domain.states import State
from shared.messages.inputs import ClearDoubt
from shared.use_cases.caller import Caller
from shared.use_cases.stopping_requests import STOPPED

REASON = ClearDoubt(reason="Called back at the number of the agreement.")


async def stopped(world, rights=("access",), person=MIRA, until=None):
    request = await asked(world, person, signed_in=True, email=False, rights=rights)
    while (row := await now(world, request.id)).state is not until and (until is not None or row.stage is None):
        for command in world.bus.deliver():
            await world.deliver(command)
    await world.stopping_requests(Caller(network="n"), request.id, world.references.stop_secret(request.id))
    await world.drain()
    return await now(world, request.id)


async def cleared(world, request):
    await world.clearing_doubts(operator(OLGA), request.id, REASON)
    await world.clearing_doubts(operator(OTTO), request.id, REASON)
    await world.drain()
    await world.sweep(minutes=10)
    await world.drain()
    return await now(world, request.id)


async def test_one_operator_alone_moves_nothing_however_often_they_say_it():
    world = guarded_services()
    request = await stopped(world)
    for _ in range(2):
        after = await world.clearing_doubts(operator(OLGA), request.id, REASON)
    await world.drain()
    assert (after.state, after.proposal.by) == (State.DOUBTED, OLGA.object_id)
    assert (await now(world, request.id)).state is State.DOUBTED
    assert STOPPED in after.attention


async def test_a_second_one_lets_a_copy_be_finished():
    world = guarded_services()
    request = await cleared(world, await stopped(world))
    assert (request.state, request.proposal) == (State.COMPLETED, None)
    assert STOPPED not in request.attention
    manifest = await manifest_of(world, request.id)
    assert "activity" in {one["id"] for one in manifest["datasets"]}
    with await opened(world, request.id) as package:
        assert package.testzip() is None
    actors = [entry.actor for entry in await world.requests.history(request.id) if entry.actor]
    assert actors[-2:] == [OLGA.object_id, OTTO.object_id]


async def test_a_second_one_lets_an_erasure_be_finished_after_its_time_to_think():
    world = guarded_services()
    request = await stopped(world, rights=("erasure",), until=State.COOLING_OFF)
    request = await cleared(world, request)
    assert request.state in {State.COOLING_OFF, State.SURVEYING, State.APPROVAL_PENDING}
    for _ in range(4):
        await world.sweep(days=4)
        await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED
    assert len(world.store.drawers["memory", "users"].rows) == 2


async def test_a_copy_and_an_erasure_go_on_together():
    world = guarded_services()
    request = await stopped(world, rights=("access", "erasure"))
    request = await cleared(world, request)
    assert request.state is State.HANDED_OVER


async def test_what_was_answered_stays_so_and_its_link_may_be_asked_for_again():
    world = guarded_services()
    request = await stopped(world, until=State.COMPLETED)
    with pytest.raises(Conflict, match="stopped"):
        await world.deliver_export.renew(MIRA.caller(), request.id)
    request = await cleared(world, request)
    assert request.state is State.COMPLETED
    assert (await world.deliver_export.renew(MIRA.caller(), request.id)).export.revoked_at is None


async def test_what_was_not_stopped_cannot_be_cleared():
    world = guarded_services()
    request = await asked(world, signed_in=True, email=False)
    await world.drain()
    with pytest.raises(Conflict, match="not_stopped"):
        await world.clearing_doubts(operator(), request.id, REASON)


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        pytest.param(Caller(network="n"), NotSignedIn, id="nobody"),
        pytest.param(MIRA.caller(), NotAllowed, id="the person"),
        pytest.param(MIRA.caller("Privacy.Operator"), NotAllowed, id="an operator of another tenant"),
        pytest.param(OLGA.caller(), NotAllowed, id="a colleague without the role"),
    ],
)
async def test_nobody_else_clears(caller, refusal):
    world = guarded_services()
    request = await stopped(world)
    with pytest.raises(refusal):
        await world.clearing_doubts(caller, request.id, REASON)


async def test_an_operator_clears_no_request_of_their_own():
    world = memory_services()
    own = Person(given="Olga", surname="de Wit", email=OLGA.email, tenant=OLGA.tenant, object_id=OLGA.object_id)
    request = await stopped(world, person=own)
    with pytest.raises(NotAllowed):
        await world.clearing_doubts(operator(OLGA), request.id, REASON)
    await world.clearing_doubts(operator(OTTO), request.id, REASON)
    with pytest.raises(NotAllowed):
        await world.clearing_doubts(operator(OLGA), request.id, REASON)


async def test_the_reason_is_sealed_and_the_history_names_both():
    world = guarded_services()
    request = await stopped(world)
    after = await world.clearing_doubts(operator(OLGA), request.id, REASON)
    _, seal = await world.dossiers.opened(after)
    assert seal.unlock(after.proposal.words).decode() == REASON.reason
    assert REASON.reason not in repr(after.model_dump())
    await world.clearing_doubts(operator(OTTO), request.id, REASON)
    told = happenings(await world.requests.history(request.id))
    assert told.index("verdict_proposed") < told.index("doubt_cleared")
