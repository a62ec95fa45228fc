"""The contract of Limits, over memory and Azure Tables."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.azure_tables_limits import AzureTablesLimits
from shared.adapters.memory_limits import MemoryLimits

HOUR = timedelta(hours=1)


class Hand:
    """A clock moved by hand."""

    def __init__(self):
        self.now = datetime(2026, 11, 23, 9, 45, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Hand()


@pytest.fixture
async def real(new_table, clock):
    limits = AzureTablesLimits(new_table("Limits"), clock)
    yield limits
    await limits.close()


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.stack)])
def limits(request, clock):
    return MemoryLimits(clock) if request.param == "memory" else request.getfixturevalue("real")


@pytest.fixture(params=["take", "admit"])
def count(request, limits):
    async def once(scope="s", key="k", limit=2):
        answer = getattr(limits, request.param)(scope, key, limit, HOUR)
        return await answer if request.param == "take" else answer

    return once


async def test_as_many_as_the_limit_pass_and_the_next_is_told_how_long_to_wait(count):
    assert [await count(), await count()] == [None, None]
    assert await count() == timedelta(minutes=15)
    assert await count() == timedelta(minutes=15)


async def test_the_next_window_counts_anew(count, clock):
    assert [await count(limit=1), await count(limit=1)] == [None, timedelta(minutes=15)]
    clock.now += timedelta(minutes=15)
    assert [await count(limit=1), await count(limit=1)] == [None, HOUR]


async def test_scopes_and_keys_are_counted_apart(count):
    assert [await count(limit=1), await count(key="other", limit=1), await count("t", limit=1)] == [None] * 3
    assert await count(limit=1) is not None


async def test_what_is_refused_is_not_counted(count):
    assert await count(limit=1) is None
    assert await count(limit=1) is not None
    assert await count(limit=2) is None


async def test_of_many_at_once_exactly_the_limit_pass(limits):
    answers = await asyncio.gather(*(limits.take("s", "k", 3, HOUR) for _ in range(8)))
    assert answers.count(None) == 3


@pytest.mark.stack
async def test_two_instances_count_together_exactly(new_table, clock):
    table = new_table("Limits")
    one, two = AzureTablesLimits(table, clock), AzureTablesLimits(table, clock)
    answers = await asyncio.gather(*(limits.take("s", "k", 5, HOUR) for limits in [one, two] * 5))
    assert answers.count(None) == 5


@pytest.mark.stack
async def test_instances_learn_of_what_others_admitted(new_table, clock):
    table = new_table("Limits")
    one, two = (AzureTablesLimits(table, clock, share_every=timedelta(milliseconds=20)) for _ in range(2))

    async def shared(count):
        async with asyncio.timeout(20):
            while (row := await table.get("2026-11-23T10:00:00Z|s", "k")) is None or row["counted"] < count:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    assert [one.admit("s", "k", 4, HOUR) for _ in range(3)] == [None] * 3
    await shared(3)
    assert two.admit("s", "k", 4, HOUR) is None
    await shared(4)
    assert two.admit("s", "k", 4, HOUR) == timedelta(minutes=15)
    assert await one.take("s", "k", 4, HOUR) == timedelta(minutes=15)
    for limits in (one, two):
        await limits.close()


async def test_a_sweep_deletes_what_has_ended_and_nothing_else(limits, clock):
    for key in ("old", "older"):
        await limits.take("s", key, 1, HOUR)
    clock.now += HOUR
    await limits.take("s", "new", 1, HOUR)
    assert await limits.sweep(clock.now) == 2
    assert await limits.sweep(clock.now) == 0
    assert await limits.take("s", "new", 1, HOUR) == HOUR - timedelta(minutes=45)
    assert await limits.sweep(clock.now + HOUR) == 1


@pytest.mark.stack
async def test_a_sweep_leaves_what_others_count_by(new_table, clock):
    table = new_table("Limits")
    one, two = AzureTablesLimits(table, clock), AzureTablesLimits(table, clock)
    await one.take("s", "k", 1, HOUR)
    await one.sweep(clock.now)
    assert await two.take("s", "k", 1, HOUR) is not None
