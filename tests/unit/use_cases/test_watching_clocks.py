"""Clocks that are watched: services reminded, operators told, requests at risk marked, each of it once."""

from datetime import timedelta

import pytest
from asking import asked, now, proven
from builders import MIRA, memory_services
from deciding_world import FIRST, REVIEWER, waiting

from shared.domain.states import State
from shared.messages.decision_inputs import ProposeVerdict


async def stuck(world):
    """A copy whose services do not answer: each has an hour."""
    request = await proven(world)
    for command in world.bus.deliver():
        await world.deliver(command)
    world.bus.waiting.clear()
    request = await now(world, request.id)
    assert request.state is State.COLLECTING
    return request


async def steps(world, request):
    history = await world.requests.history(request.id)
    return [
        one.happening.value for one in history if one.happening.value in {"service_reminded", "escalated", "at_risk"}
    ]


async def opened(world, request, notice):
    return [
        one for one in (await world.requests.load(request.id)).open.values() if getattr(one, "notice", "") == notice
    ]


async def look(world, **after):
    """One look of the sweep, whose commands nobody delivers."""
    await world.sweep(**after)
    world.bus.waiting.clear()


async def test_a_service_is_reminded_at_half_its_time_once():
    world = memory_services()
    request = await stuck(world)
    await look(world, minutes=29)
    assert await steps(world, request) == []
    for _ in range(3):
        await look(world, minutes=3)
    assert await steps(world, request) == ["service_reminded"]
    told = await opened(world, request, "service_reminder")
    assert sorted(one.about for one in told) == ["directory", "support"]


async def test_operators_hear_of_a_service_that_is_late_once():
    world = memory_services()
    request = await stuck(world)
    await look(world, minutes=31)
    for _ in range(3):
        await look(world, minutes=6)
    await look(world, minutes=3)
    assert await steps(world, request) == ["service_reminded", "escalated"]
    assert "service_late" in (await now(world, request.id)).attention
    assert [one.about for one in await opened(world, request, "operator_alert")] == ["service_late"]


async def test_a_service_that_was_not_looked_at_in_time_is_late_at_once():
    world = memory_services()
    request = await stuck(world)
    await look(world, minutes=50)
    assert await steps(world, request) == ["escalated"]


async def test_services_that_answer_are_not_bothered():
    world = memory_services()
    request = await proven(world)
    await world.drain()
    for _ in range(20):
        await world.sweep(days=1)
        await world.drain()
    assert await steps(world, request) == []


async def test_a_request_near_its_end_is_at_risk_once_by_the_day_before_any_rolling():
    world = memory_services()
    request = await waiting(world)
    risk = world.answer_clock.alarm(request) - world.settings.at_risk_reserve
    world.clock.now = risk - timedelta(seconds=1)
    await look(world)
    assert await steps(world, request) == []
    for _ in range(3):
        await look(world, seconds=1)
    assert await steps(world, request) == ["at_risk"]
    assert "at_risk" in (await now(world, request.id)).attention
    assert [one.about for one in await opened(world, request, "operator_alert")] == ["at_risk"]


async def test_an_extension_calms_and_its_own_end_warns_again():
    world = memory_services()
    request = await waiting(world)
    world.clock.advance(days=26)
    await world.sweep()
    await world.drain()
    extended = await world.extending(FIRST, request.id, "complexity")
    assert "at_risk" not in extended.attention
    await world.drain()
    await world.sweep(days=10)
    assert await steps(world, request) == ["at_risk"]
    await world.sweep(days=90)
    assert await steps(world, request) == ["at_risk", "at_risk"]


async def test_while_the_clock_stands_still_nothing_is_at_risk():
    world = memory_services()
    request = await stuck(world)
    await world.clarifying.ask(FIRST, request.id, "Which of your mailboxes do you mean?")
    for _ in range(40):
        await look(world, days=1)
    assert await steps(world, request) == []


async def test_what_nobody_proved_alarms_nobody():
    world = memory_services()
    request = await asked(world)
    for _ in range(40):
        await world.sweep(days=1)
        await world.drain()
    assert await steps(world, request) == []


async def test_the_next_look_is_when_the_next_step_falls_due():
    world = memory_services()
    request = await waiting(world)
    case = await world.requests.load(request.id)
    assert world.watching_clocks.next_look(case) == world.answer_clock.alarm(request) - world.settings.at_risk_reserve
    copying = await stuck(world)
    case = await world.requests.load(copying.id)
    assert world.watching_clocks.next_look(case) == world.clock() + timedelta(minutes=30)


@pytest.mark.parametrize("state", [State.COMPLETED, State.WITHDRAWN])
async def test_what_has_ended_has_no_clock(state):
    world = memory_services()
    request = await waiting(world)
    if state is State.WITHDRAWN:
        await world.withdraw_request(MIRA.caller(), request.id)
    else:
        await world.deciding_parts.propose(REVIEWER, request.id, ProposeVerdict(part=0, outcome="granted"))
    await world.drain()
    assert (await now(world, request.id)).state is state
    assert world.watching_clocks.next_look(await world.requests.load(request.id)) is None
    for _ in range(30):
        await world.sweep(days=2)
    assert await steps(world, request) == []
