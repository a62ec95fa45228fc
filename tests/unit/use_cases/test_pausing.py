"""The clock of a request: it stands still for prompt questions alone, and runs on with the days they took."""

from datetime import UTC, datetime, timedelta

import pytest
from asking import asked, code_of, now
from builders import MIRA, memory_services
from takeovers import guarded_services, told

from shared.domain.request import Pause
from shared.domain.states import State
from shared.messages.inputs import SubmitRequest


async def submitted(world, *rights):
    given = SubmitRequest(rights=rights or ("access",))
    return await world.submit(given, MIRA.caller(), "en", "api", b"{}", None)


async def test_a_prompt_doubt_stops_the_clock_of_every_right():
    world = memory_services()
    request = await submitted(world, "rectification")
    changes = world.answer_clock.paused(request, "identity_doubt", world.clock())
    assert changes == {"pauses": (Pause(reason="identity_doubt", asked_at=world.clock()),)}


@pytest.mark.parametrize(("rights", "stops"), [(("access",), True), (("rectification",), False)])
async def test_a_question_about_scope_stops_the_clock_of_a_copy_alone(rights, stops):
    world = memory_services()
    request = await submitted(world, *rights)
    assert bool(world.answer_clock.paused(request, "clarification", world.clock())) is stops


async def test_one_pause_of_a_kind_runs_at_a_time():
    world = memory_services()
    request = await submitted(world)
    paused = request.model_copy(update=world.answer_clock.paused(request, "identity_doubt", world.clock()))
    assert world.answer_clock.paused(paused, "identity_doubt", world.clock()) == {}
    assert len(world.answer_clock.paused(paused, "clarification", world.clock())["pauses"]) == 2


async def test_each_answer_ends_its_own_pause_and_days_count_once():
    world = memory_services()
    request = await submitted(world)
    for reason in ("identity_doubt", "clarification"):
        request = request.model_copy(update=world.answer_clock.paused(request, reason, world.clock()))
    world.clock.advance(days=4)
    changes = world.answer_clock.resumed(request, "clarification", world.clock())
    assert changes["due_at"] == request.due_at + timedelta(days=4)
    request = request.model_copy(update=changes)
    assert [one.answered_at is None for one in request.pauses] == [True, False]
    world.clock.advance(days=1)
    changes = world.answer_clock.resumed(request, "identity_doubt", world.clock())
    assert changes["due_at"] == request.due_at + timedelta(days=1)


async def test_an_answer_to_nothing_changes_nothing():
    world = memory_services()
    request = await submitted(world)
    assert world.answer_clock.resumed(request, "clarification", world.clock()) == {}


async def test_the_first_month_ends_before_any_rolling_and_with_the_policys_days():
    world = memory_services()
    world.clock.now = datetime(2026, 12, 1, 9, tzinfo=UTC)
    request = await submitted(world)
    assert world.answer_clock.first_month_ends(request).date().isoformat() == "2026-12-31"
    assert request.due_at.date().isoformat() == "2026-12-31"


async def test_while_a_second_proof_is_awaited_the_clock_stands_still_and_the_index_follows():
    world = guarded_services()
    await told(world)
    request = await asked(world, signed_in=True, email=False)
    await world.drain()
    held = await now(world, request.id)
    assert held.state is State.IDENTITY_PENDING
    assert held.pauses == (Pause(reason="identity_doubt", asked_at=world.clock()),)
    world.clock.advance(days=3)
    await world.resend_code(request.id)
    await world.drain()
    await world.confirm_identity(request.id, code_of(world, request.id, 2))
    proven = await now(world, request.id)
    assert proven.due_at == request.due_at + timedelta(days=3)
    assert await world.deadlines.between(request.due_at, request.due_at, 5) == ([], None)
    assert await world.deadlines.between(proven.due_at, proven.due_at, 5) == ([request.id], None)
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED
