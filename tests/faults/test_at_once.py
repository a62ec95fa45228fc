"""A person asks for a copy and erasures, two of them equal, and takes one back, all at once: some order explains it."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta

import pytest
from builders import MIRA
from faulty_world import World
from test_fault_matrix import ERASED, broken_at, planted, rows_wrong

from shared import wiring
from shared.domain.ask import Ask
from shared.domain.errors import Conflict, StaleState, Transient
from shared.domain.request import Request
from shared.domain.service_task import Work
from shared.domain.states import Happening, State
from shared.messages.inputs import SubmitRequest

SOME = ("activity", "deals")
ALL = {name: count for name, count in ERASED.items() if name != "tickets"}  # those are found by an address alone


@pytest.fixture(autouse=True)
def _no_graph_is_left_behind():
    yield
    wiring.override(None)


async def asks(world: World, right: str, *datasets: str) -> str:
    """Ask, of all there is or of some datasets alone: that is another question, which no other answers."""
    submitted = SubmitRequest(rights=(right,), details={right: Ask(datasets=datasets)} if datasets else {})
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


def changed(world: World) -> set[str]:
    """Return the drawers in which anything is not as it was laid in."""
    drawers = world.store.drawers
    return {place[1] for place, before in planted().items() if [dict(row) for row in drawers[place].rows] != before}


async def worked_on(world: World, first: str, second: str) -> Request:
    """Return which of two equal erasures was the one worked on; the other fell behind it, or was taken back."""
    one, other = [(await world.raw.requests.read(each)).row for each in (first, second)]
    if one.state is State.JOINED or (one.state is State.WITHDRAWN and other.state is not State.JOINED):
        one, other = other, one
    if other.state is State.JOINED:
        happened = [line.happening for line in await world.raw.requests.history(other.id)]
        assert (other.joined_to, other.reason) == (one.id, "joined")
        assert other.first_asked_at == one.received_at
        assert happened == [Happening.SUBMITTED_SIGNED_IN, Happening.JOINED, Happening.NOTIFIED]
        assert (await world.raw.requests.load(other.id)).tasks == {}
    else:
        assert (other.id, other.state) == (first, State.WITHDRAWN)  # so early that nothing had been joined to it
    assert one.state is State.COMPLETED or (one.id, one.state) == (first, State.WITHDRAWN)
    return one


@pytest.mark.parametrize("seed", range(32))
async def test_requests_of_one_person_at_once_end_in_one_order(seed):
    chance, world = random.Random(seed), World()
    copy, first, second, some = await asyncio.gather(
        asks(world, "access"), asks(world, "erasure"), asks(world, "erasure"), asks(world, "erasure", *SOME)
    )
    ids = [copy, first, second, some]
    taken_back = withdrawn(world, first, chance.randrange(400))
    await asyncio.gather(everything_ends(world, chance, ids), taken_back)
    worked = await worked_on(world, first, second)
    requests = {one: (await world.raw.requests.read(one)).row for one in ids}
    assert requests[copy].state is State.COMPLETED
    assert requests[some].state is State.COMPLETED
    carried_out = [one for one in (first, second, some) if requests[one].state is State.COMPLETED]
    counted = {one: await erased_by(world, one) for one in (first, second, some)}
    for name, planted_there in ALL.items():
        counts = [each.get(name, 0) for each in counted.values()]
        wanted = planted_there if worked.id in carried_out or name in SOME else 0
        assert sorted(counts) == [0, 0, wanted], name
    assert all(not any(counts.values()) for one, counts in counted.items() if one not in carried_out)
    copied = await world.raw.requests.load(copy)
    assert {task.counts.get("deals") for task in copied.of(Work.EXPORT) if task.service == "sales"} == {7}
    if worked.id in carried_out:
        assert not [line for line in rows_wrong(world) if "tickets" not in line]
    else:
        assert changed(world) == set(SOME)
    for one in ids:
        history = await world.raw.requests.history(one)
        happened = [line.happening for line in history]
        assert happened.count(Happening.CERTIFIED) == int(one in carried_out)
        assert broken_at(history) is None
    # Among equal requests a turn outlives its holder, who is asked when the next one comes; no erasure keeps its own.
    assert {turn.partition(".")[0] for turn in world.raw.turns.held} == {"asked"}
    assert set(world.raw.turns.held.values()) == {copy, worked.id, some}
