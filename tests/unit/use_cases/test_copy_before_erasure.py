"""A copy and an erasure in one request: the copy first, and the erasure when it was fetched, waived or waited for."""

from datetime import timedelta

import pytest
from asking import happenings, manifest_of, now, opened
from builders import MIRA
from erasing_world import certificate, erased, erasing_world, of, pass_time, planned, receipts, requested, rows, run_on

from shared.domain.states import State

BOTH = ("access", "erasure")


async def days(world, count: float, every: float = 0.5):
    """Let days pass with a sweep every so often."""
    until = world.clock() + timedelta(days=count)
    while world.clock() < until:
        await world.sweep(days=min(every, (until - world.clock()) / timedelta(days=1)))
        await world.drain()


async def fetched(world, request_id):
    """Mira opens her package by the newest link, signed in."""
    request = await now(world, request_id)
    secret = world.references.link_secret(request.id, request.export.link_issue, request.export.kind)
    await world.deliver_export.open(MIRA.caller(), request.export.id, secret)


async def test_a_copy_comes_first_and_nothing_is_touched_or_looked_for_meanwhile():
    world = erasing_world()
    before = rows(world)
    request_id = await planned(world, *BOTH)
    request = await now(world, request_id)
    assert request.state is State.HANDED_OVER
    assert {part.right: part.state for part in request.parts} == {
        "access": State.COMPLETED,
        "erasure": State.HANDED_OVER,
    }
    assert request.erasure.handed_over_at == world.clock()
    assert {task.row.stage for task in (await world.requests.load(request_id)).tasks.values()} == {"export"}
    assert rows(world) == before


async def test_the_order_in_which_they_are_asked_is_of_no_matter():
    world = erasing_world()
    request_id = await planned(world, "erasure", "access")
    assert (await now(world, request_id)).state is State.HANDED_OVER


async def test_a_copy_that_was_fetched_lets_the_erasure_begin():
    world = erasing_world()
    request_id = await planned(world, *BOTH)
    await fetched(world, request_id)
    await world.drain()
    assert (await now(world, request_id)).state is State.COOLING_OFF
    request = await run_on(world, request_id)
    assert request.state is State.COMPLETED
    assert {part.state for part in request.parts} == {State.COMPLETED}
    assert of(MIRA, rows(world)).keys() == {"invoices"}
    assert (await certificate(world, request))["outcome"] == "complete"


async def test_the_package_outlives_the_data_it_was_made_of():
    world = erasing_world()
    request_id = await planned(world, *BOTH)
    await fetched(world, request_id)
    await world.drain()
    request = await run_on(world, request_id)
    with await opened(world, request_id) as package:
        assert MIRA.email.encode() in package.read("data/tickets.json")
    assert request.export.expires_at >= request.due_at
    await fetched(world, request_id)


async def test_a_copy_that_nobody_fetches_is_reminded_of_and_then_waited_for_no_longer():
    world = erasing_world()
    request_id = await planned(world, *BOTH)
    before = rows(world)
    mails = len(world.mailer.sent)
    await days(world, 4.9)
    assert len(world.mailer.sent) == mails
    await days(world, 0.6)
    request = await now(world, request_id)
    assert (request.state, len(world.mailer.sent)) == (State.HANDED_OVER, mails + 1)
    assert request.erasure.reminded_at is not None
    await days(world, 4)
    assert (await now(world, request_id)).state is State.HANDED_OVER
    assert rows(world) == before
    await days(world, 1.5)
    assert (await now(world, request_id)).state is State.COOLING_OFF
    await days(world, 4)
    request = await now(world, request_id)
    assert request.state is State.COMPLETED
    assert world.clock() < request.due_at
    assert happenings(await world.requests.history(request_id)).count("reminded") == 1


@pytest.mark.parametrize("lost", ["nudge", "everything"])
async def test_whatever_the_bus_loses_the_erasure_begins(lost):
    world = erasing_world()
    request_id = await planned(world, *BOTH)
    await fetched(world, request_id)
    if lost == "nudge":
        world.bus.waiting.clear()
    for _ in range(40):
        if lost == "everything":
            world.bus.waiting = world.bus.waiting[:1]
        await world.drain()
        await world.sweep(hours=4)
    await world.drain()
    assert (await now(world, request_id)).state is State.COMPLETED


async def lacking(world):
    """A request whose copy lacks what one service holds, for that service was down for good."""
    kept = world.store.drawers.pop(("memory", "activity"))
    request_id = await planned(world, *BOTH)
    world.store.drawers["memory", "activity"] = kept
    return request_id


async def test_a_copy_that_lacks_something_holds_the_erasure_up_though_it_was_fetched():
    world = erasing_world()
    request_id = await lacking(world)
    before = rows(world)
    request = await now(world, request_id)
    assert request.state is State.HANDED_OVER
    assert {part.right: part.state for part in request.parts}["access"] is State.PARTIALLY_COMPLETED
    await fetched(world, request_id)
    await days(world, 15)
    assert (await now(world, request_id)).state is State.HANDED_OVER
    assert rows(world) == before


async def test_a_copy_that_lacks_something_stops_the_erasure_in_time_and_the_person_is_told():
    world = erasing_world()
    request_id = await lacking(world)
    before = rows(world)
    await days(world, 21)
    request = await now(world, request_id)
    assert (request.state, request.reason) == (State.PARTIALLY_COMPLETED, "copy_incomplete")
    assert {part.right: part.state for part in request.parts} == {
        "access": State.PARTIALLY_COMPLETED,
        "erasure": State.REFUSED,
    }
    assert happenings(await world.requests.history(request_id))[-2:] == ["erasure_stopped", "notified"]
    assert world.clock() <= request.due_at
    assert rows(world) == before
    await days(world, 10, every=2)
    assert rows(world) == before
    assert [one.notice for one in (await now(world, request_id)).told] == ["answered", "erasure_stopped"]


async def test_a_person_who_wants_the_erasure_in_spite_of_a_copy_that_lacks_something_gets_it():
    world = erasing_world()
    request_id = await lacking(world)
    await world.own_erasure.waive_copy(MIRA.caller(), request_id)
    await world.drain()
    request = await run_on(world, request_id)
    assert request.state is State.COMPLETED
    assert (await receipts(world, request_id))["activity"] == 1
    assert {part.right: part.state for part in request.parts} == {
        "access": State.PARTIALLY_COMPLETED,
        "erasure": State.COMPLETED,
    }


async def test_the_copy_holds_what_the_erasure_then_takes():
    world = erasing_world()
    request_id = await planned(world, *BOTH)
    copied = {one["id"]: one["records"] for one in (await manifest_of(world, request_id))["datasets"]}
    await fetched(world, request_id)
    await world.drain()
    await run_on(world, request_id)
    erased_now = await receipts(world, request_id)
    assert {name: copied[name] for name in erased_now if name != "calls"} == {
        name: count for name, count in erased_now.items() if name != "calls"
    }


async def test_a_person_who_asks_for_both_is_told_of_both():
    world = erasing_world()
    request_id = await planned(world, *BOTH)
    handed_over = world.mailer.sent[-1].text
    await fetched(world, request_id)
    await world.drain()
    await run_on(world, request_id)
    assert [one.notice for one in (await now(world, request_id)).told] == ["answered", "planned", "certified"]
    assert "delet" in handed_over.lower() or "eras" in handed_over.lower()


async def test_asking_for_a_copy_alone_ends_with_the_copy():
    world = erasing_world()
    before = rows(world)
    request_id = await requested(world, "access")
    await world.drain()
    assert (await now(world, request_id)).state is State.COMPLETED
    pass_time(world, timedelta(days=40))
    await world.drain()
    assert rows(world) == before
    assert (await now(world, request_id)).certificate is None


async def test_asking_for_an_erasure_alone_makes_no_copy():
    world = erasing_world()
    request = await erased(world)
    assert request.export is None
    assert await world.packages.names(request.id) == [request.certificate.name]
    assert await world.fragments.names(request.id) == []


async def test_a_package_that_expired_is_deleted_though_its_erasure_still_waits_for_a_person():
    world = erasing_world(erasure_approval="operator")
    request_id = await planned(world, *BOTH)
    await fetched(world, request_id)
    await world.drain()
    await days(world, 4)
    request = await now(world, request_id)
    assert request.state is State.APPROVAL_PENDING
    assert await world.packages.names(request_id) == [f"{request_id}/package.zip"]
    until = request.export.expires_at
    while world.clock() <= until:
        await world.sweep(days=1)
        await world.drain()
    await world.sweep(hours=1)
    request = await now(world, request_id)
    assert request.state is State.APPROVAL_PENDING
    assert request.export.deleted_at is not None
    assert await world.packages.names(request_id) == []
