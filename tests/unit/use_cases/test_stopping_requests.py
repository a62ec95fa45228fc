"""One click stops a request: what it holds up, what it takes back, and what it comes too late for."""

from datetime import timedelta

import pytest
from asking import asked, happenings, in_state, now
from builders import MIRA, NOBODY, TOM
from takeovers import OLGA, guarded_services

from shared.domain.errors import Conflict, Gone, NotFound, TooMany
from shared.domain.states import State
from shared.use_cases.caller import Caller
from shared.use_cases.stopping_requests import STOPPED, TOO_LATE


async def stop(world, request, secret=None, caller=NOBODY):
    return await world.stopping_requests(caller, request.id, secret or world.references.stop_secret(request.id))


async def collecting(world, rights=("access",)):
    """A request of Mira, signed in, with the tasks of its first stage on the bus."""
    request = await asked(world, signed_in=True, email=False, rights=rights)
    while (row := await now(world, request.id)).stage is None:
        for command in world.bus.deliver():
            await world.deliver(command)
    return row


async def done(world, rights=("access",)):
    request = await asked(world, signed_in=True, email=False, rights=rights)
    await world.drain()
    return await now(world, request.id)


@pytest.mark.parametrize("typed", [False, True])
async def test_what_runs_stops_and_nothing_is_handed_over(typed):
    world = guarded_services()
    request = await collecting(world)
    secret = world.references.typed_stop_secret(request.id) if typed else None
    stopped = await stop(world, request, secret)
    assert (stopped.state, stopped.stage) == (State.DOUBTED, None)
    assert STOPPED in stopped.attention
    await world.drain()
    await world.sweep(hours=2)
    await world.drain()
    assert (await now(world, request.id)).state is State.DOUBTED
    assert await world.packages.size(f"{request.id}/package.zip") is None
    assert not any("/exports/" in mail.text for mail in world.mailer.sent)


async def test_operators_are_alerted_and_the_history_says_so():
    world = guarded_services()
    request = await collecting(world)
    await stop(world, request)
    await world.drain()
    assert "doubt_raised" in happenings(await world.requests.history(request.id))
    desk = world.maps.current().privacy_contact.email
    assert [mail.to for mail in world.mailer.sent if mail.to == desk] == [desk]


async def test_a_request_stopped_twice_is_stopped_once():
    world = guarded_services()
    request = await collecting(world)
    first = await stop(world, request)
    assert await stop(world, request) == first


@pytest.mark.parametrize(
    "wrong",
    ["", "guess", "0" * 12, "A" * 43, lambda world, request: world.references.link_secret(request.id, 1)],
    ids=["empty", "guess", "typed", "long", "the link's"],
)
async def test_no_other_secret_stops_anything(wrong):
    world = guarded_services()
    request = await collecting(world)
    secret = wrong(world, request) if callable(wrong) else wrong
    with pytest.raises(NotFound):
        await world.stopping_requests(NOBODY, request.id, secret)
    assert (await now(world, request.id)).state is State.COLLECTING


async def test_anothers_secret_does_not_fit():
    world = guarded_services()
    request, other = await collecting(world), await asked(world, TOM, signed_in=True, email=False)
    with pytest.raises(NotFound):
        await stop(world, request, world.references.stop_secret(other.id))


async def test_a_network_has_few_tries_and_whoever_knows_the_secret_is_not_kept_out():
    world = guarded_services(link_tries=3)
    request = await collecting(world)
    for _ in range(3):
        with pytest.raises(NotFound):
            await stop(world, request, "wrong")
    with pytest.raises(TooMany):
        await stop(world, request, "wrong")
    assert (await stop(world, request)).state is State.DOUBTED


async def test_links_to_what_was_handed_over_are_void_and_cannot_be_asked_for_anew():
    world = guarded_services()
    request = await done(world)
    assert request.state is State.COMPLETED
    stopped = await stop(world, request)
    assert stopped.state is State.COMPLETED
    assert STOPPED in stopped.attention
    secret = world.references.link_secret(request.id, request.export.link_issue)
    with pytest.raises(Gone, match="revoked"):
        await world.deliver_export.open(MIRA.caller(), request.export.id, secret)
    with pytest.raises(Conflict, match="stopped"):
        await world.deliver_export.renew(MIRA.caller(), request.id)


@pytest.mark.parametrize("state", [State.COOLING_OFF])
async def test_an_erasure_that_has_not_begun_does_not_begin(state):
    world = guarded_services()
    request = await done(world, rights=("erasure",))
    assert request.state is state
    await stop(world, request)
    await world.sweep(days=4)
    await world.drain()
    assert (await now(world, request.id)).state is State.DOUBTED
    assert len(world.store.drawers["memory", "users"].rows) == 3


async def test_an_erasure_that_has_begun_cannot_be_stopped_and_operators_hear_of_it():
    world = guarded_services()
    request = await done(world, rights=("erasure",))
    await world.sweep(days=4)
    await world.drain()
    request = await now(world, request.id)
    assert request.erasure.started_at is not None
    for _ in range(2):
        with pytest.raises(Conflict, match="erasure_has_begun"):
            await stop(world, request)
    after = await now(world, request.id)
    assert after.state is request.state
    assert TOO_LATE in after.attention
    assert after.certificate.revoked_at is not None
    await world.drain()
    desk = world.maps.current().privacy_contact.email
    assert [mail.to for mail in world.mailer.sent if mail.to == desk] == [desk]


async def test_in_the_middle_of_an_erasure_it_is_too_late_too():
    world = guarded_services()
    request = await done(world, rights=("erasure",))
    await world.sweep(days=4)
    while (row := await now(world, request.id)).state is not State.ERASING:
        for command in world.bus.deliver():
            await world.deliver(command)
    with pytest.raises(Conflict, match="erasure_has_begun"):
        await stop(world, row)
    await world.drain()
    after = await now(world, request.id)
    assert after.state is State.COMPLETED
    assert TOO_LATE in after.attention


@pytest.mark.parametrize("state", [State.WITHDRAWN])
async def test_what_has_come_to_nothing_stays_as_it_is(state):
    world = guarded_services()
    request = await in_state(world, state)
    assert (await stop(world, request)).state is state


async def test_before_anybody_proved_anything_there_is_nothing_to_stop():
    world = guarded_services()
    request = await in_state(world, State.IDENTITY_PENDING)
    with pytest.raises(Conflict, match="not_proven_yet"):
        await stop(world, request)


async def test_a_stopped_request_can_be_withdrawn_by_its_person():
    world = guarded_services()
    request = await collecting(world)
    await stop(world, request)
    assert (await world.withdraw_request(MIRA.caller(), request.id)).state is State.WITHDRAWN


async def test_no_time_helps_a_stopped_request_along():
    world = guarded_services()
    request = await collecting(world)
    await stop(world, request)
    for _ in range(5):
        world.clock.advance(days=10)
        world.bus.elapse(timedelta(days=10))
        await world.sweep_waits()
        await world.drain()
    assert (await now(world, request.id)).state is State.DOUBTED


async def test_the_network_that_stops_may_be_anybodys():
    world = guarded_services()
    request = await collecting(world)
    assert (await stop(world, request, caller=Caller(network="n-9"))).state is State.DOUBTED
    assert OLGA.email not in str(await now(world, request.id))


async def test_the_clock_stands_still_from_the_doubt_to_its_end():
    world = guarded_services()
    request = await collecting(world)
    stopped = await stop(world, request)
    assert [(pause.reason, pause.answered_at) for pause in stopped.pauses] == [("identity_doubt", None)]
    assert stopped.stage is None
    late = guarded_services()
    other = await collecting(late)
    late.clock.advance(days=10)
    assert (await stop(late, other)).pauses == ()
