"""One person asks for a copy, an erasure, another erasure, and takes one back, all at once: some order explains it."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta

import pytest
from builders import MIRA
from faulty_world import World
from test_fault_matrix import ERASED, broken_at, rows_wrong

from shared import wiring
from shared.domain.errors import Conflict, StaleState, Transient
from shared.domain.service_task import Work
from shared.domain.states import ANSWERED, Happening, State
from shared.messages.inputs import SubmitRequest


@pytest.fixture(autouse=True)
def _no_graph_is_left_behind():
    yield
    wiring.override(None)


async def asks(world: World, *rights: str) -> str:
    submitted = SubmitRequest(rights=rights)
    request = await world.services.submit(submitted, MIRA.caller(), "en", "api", b"{}", None)
    return str(request.id)


async def withdrawn(world: World, request_id: str, patience: int) -> None:
    """Withdraw after a while, if it is not too late."""
    for _ in range(patience):
        await asyncio.sleep(0)
    with suppress(Conflict, StaleState):
        await world.services.withdraw_request(MIRA.caller(), request_id)


async def everything_ends(world: World, chance: random.Random, ids: list[str]) -> None:
    """Deliver what is due, many messages at once and in any order, and let time pass, until all requests have ended."""
    for _ in range(200):
        while commands := world.raw.bus.deliver():
            chance.shuffle(commands)
            await asyncio.gather(*(delivered(world, command) for command in commands))
        states = [(await world.raw.requests.read(one)).row.state for one in ids]
        if all(state.is_final for state in states) and not world.raw.bus.waiting:
            return
        world.raw.clock.advance(minutes=4)
        world.raw.bus.elapse(timedelta(minutes=4))
        await world.services.sweep_waits()
    raise AssertionError(f"never ended: {states}")


async def delivered(world: World, command) -> None:
    for _ in range(20):
        with suppress(Transient, StaleState):
            await world.services.deliver(command)
            return
    raise AssertionError(f"never settled: {command.key}")


async def erased_by(world: World, request_id: str) -> dict[str, int]:
    case = await world.raw.requests.load(request_id)
    return {one.dataset: one.count for task in case.of(Work.ERASE) for one in task.receipts}


@pytest.mark.parametrize("seed", range(8))
async def test_requests_of_one_person_at_once_end_in_one_order(seed):
    chance, world = random.Random(seed), World()
    copy, first, second = await asyncio.gather(asks(world, "access"), asks(world, "erasure"), asks(world, "erasure"))
    taken_back = withdrawn(world, first, chance.randrange(400))
    await asyncio.gather(everything_ends(world, chance, [copy, first, second]), taken_back)
    requests = {one: (await world.raw.requests.read(one)).row for one in (copy, first, second)}
    assert requests[copy].state is State.COMPLETED
    assert requests[second].state is State.COMPLETED
    assert requests[first].state in {State.COMPLETED, State.WITHDRAWN}
    counted = [await erased_by(world, one) for one in (first, second)]
    signed_in = {name: count for name, count in ERASED.items() if name != "tickets"}
    for name, planted in signed_in.items():
        assert sorted(one.get(name, 0) for one in counted) == [0, planted], name
    if requests[first].state is State.WITHDRAWN:
        assert not any(counted[0].values())
    copied = await world.raw.requests.load(copy)
    assert {task.counts.get("deals") for task in copied.of(Work.EXPORT) if task.service == "sales"} == {7}
    assert not [line for line in rows_wrong(world) if "tickets" not in line]
    for one, request in requests.items():
        history = await world.raw.requests.history(one)
        happened = [line.happening for line in history]
        certified = one != copy and request.state in ANSWERED
        assert happened.count(Happening.CERTIFIED) == int(certified)
        assert broken_at(history) is None
    assert world.raw.turns.held == {}
