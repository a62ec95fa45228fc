"""One extension, inside the first month and told in it; otherwise there is none."""

from datetime import UTC, datetime, timedelta

import pytest
from asking import asked, happenings, now, proven
from builders import MIRA, NOBODY, memory_services
from deciding_world import FIRST, SECOND, waiting

from shared.domain.errors import Conflict, NotAllowed, NotSignedIn, Permanent
from shared.domain.states import State
from shared.messages.inputs import SubmitRequest


async def listed(world, day):
    return (await world.deadlines.between(day - timedelta(hours=1), day + timedelta(hours=1), 50))[0]


async def test_an_extension_counts_three_months_from_receipt_and_is_told_with_its_reason():
    world = memory_services()
    request = await waiting(world)
    extended = await world.extending(FIRST, request.id, "complexity")
    assert extended.received_at == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    assert extended.due_at.astimezone(UTC) == datetime(2027, 2, 2, 22, 59, 59, tzinfo=UTC)
    assert (extended.extension.until, extended.extension.by) == (extended.due_at, FIRST.principal.object_id)
    assert extended.public == "extended"
    await world.drain()
    assert (await now(world, request.id)).told[-1].notice == "extended"


async def test_the_index_by_due_day_follows():
    world = memory_services()
    request = await waiting(world)
    assert await listed(world, request.due_at) == [request.id]
    extended = await world.extending(FIRST, request.id, "high_volume")
    assert await listed(world, request.due_at) == []
    assert await listed(world, extended.due_at) == [request.id]


async def test_there_is_one_extension_and_saying_it_twice_changes_nothing():
    world = memory_services()
    request = await waiting(world)
    first = await world.extending(FIRST, request.id, "complexity")
    world.clock.advance(days=1)
    assert await world.extending(SECOND, request.id, "complexity") == first
    with pytest.raises(Conflict, match="extended_already"):
        await world.extending(FIRST, request.id, "high_volume")


async def test_nothing_is_extended_after_the_first_month():
    world = memory_services()
    request = await waiting(world)
    world.clock.now = world.answer_clock.first_month_ends(request) + timedelta(seconds=1)
    with pytest.raises(Conflict, match="first_month_over"):
        await world.extending(FIRST, request.id, "complexity")
    assert (await now(world, request.id)).due_at == request.due_at


async def test_in_the_last_moment_of_the_first_month_it_can_still_be_extended():
    world = memory_services()
    request = await waiting(world)
    world.clock.now = world.answer_clock.first_month_ends(request)
    await world.extending(FIRST, request.id, "complexity")
    await world.drain()
    await world.sweep(hours=2)
    assert (await now(world, request.id)).extension is not None


async def test_an_extension_that_reached_nobody_in_the_first_month_is_taken_back():
    world = memory_services()
    request = await proven(world)
    await world.extending(FIRST, request.id, "complexity")
    world.bus.waiting.clear()

    async def refuse(mail):
        raise Permanent("mail_refused_550")

    world.mailer.send = refuse
    world.clock.now = world.answer_clock.first_month_ends(request) + timedelta(seconds=1)
    await world.sweep()
    after = await now(world, request.id)
    assert (after.extension, after.due_at) == (None, request.due_at)
    assert "extension_not_told" in after.attention
    assert await listed(world, request.due_at) == [request.id]
    assert "send_notice:extended:1" not in (await world.requests.load(request.id)).open


async def test_who_signed_in_without_an_address_reads_of_it_in_the_app():
    world = memory_services()
    world.store.drawers["memory", "users"].rows.clear()
    request = await waiting(world)
    extended = await world.extending(FIRST, request.id, "complexity")
    await world.drain()
    assert [one.notice for one in (await now(world, request.id)).told] == []
    world.clock.now = world.answer_clock.first_month_ends(request) + timedelta(seconds=1)
    await world.sweep()
    assert (await now(world, request.id)).due_at == extended.due_at


async def test_what_nobody_proved_is_not_extended_and_neither_is_what_ended():
    world = memory_services()
    unproven = await asked(world)
    with pytest.raises(Conflict, match="not_while_identity_pending"):
        await world.extending(FIRST, unproven.id, "complexity")
    await world.confirm_identity(unproven.id, world.references.code(unproven.id, 1))
    await world.drain()
    with pytest.raises(Conflict, match="not_while_completed"):
        await world.extending(FIRST, unproven.id, "complexity")


async def test_a_shorter_foreign_period_holds_whatever_is_extended():
    world = memory_services()
    submitted = SubmitRequest(rights=("complaint",), country="BR")
    request = await world.submit(submitted, MIRA.caller(), "en", "api", b"{}", None)
    assert request.due_at.astimezone(UTC) == datetime(2026, 11, 17, 22, 59, 59, tzinfo=UTC)
    await world.drain()
    with pytest.raises(Conflict, match="foreign_period_holds"):
        await world.extending(FIRST, request.id, "complexity")


async def test_a_country_without_a_shorter_period_changes_nothing():
    world = memory_services()
    submitted = SubmitRequest(rights=("complaint",), country="US")
    request = await world.submit(submitted, MIRA.caller(), "en", "api", b"{}", None)
    assert request.due_at.astimezone(UTC) == datetime(2026, 12, 2, 22, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(("caller", "error"), [(NOBODY, NotSignedIn), (MIRA.caller("Privacy.Operator"), NotAllowed)])
async def test_operators_of_ours_alone_extend(caller, error):
    world = memory_services()
    request = await waiting(world)
    with pytest.raises(error):
        await world.extending(caller, request.id, "complexity")


async def test_whoever_crashed_between_the_index_and_the_request_extends_again():
    world = memory_services()
    request = await waiting(world)
    commit = world.requests.commit

    async def crash(move):
        raise Permanent("access_denied")

    world.requests.commit = crash
    with pytest.raises(Permanent):
        await world.extending(FIRST, request.id, "complexity")
    world.requests.commit = commit
    found, _ = await world.oversee_requests.page(FIRST, world.clock(), world.clock() + timedelta(days=400), 50, None)
    assert [one.id for one in found] == [request.id]
    extended = await world.extending(FIRST, request.id, "complexity")
    assert await listed(world, extended.due_at) == [request.id]
    assert happenings(await world.requests.history(request.id)).count("extended") == 1
    assert extended.state is State.DECIDING
