"""The contract of Brakes, over memory and Azure Tables."""

from datetime import timedelta

import pytest
from builders import CONTOSO, FABRIKAM, Ticking

from shared.adapters.azure_tables_brakes import AzureTablesBrakes
from shared.adapters.azure_tables_limits import AzureTablesLimits
from shared.adapters.memory_brakes import MemoryBrakes
from shared.adapters.memory_limits import MemoryLimits
from shared.domain.errors import NotFound
from shared.ports.erasing import Brake

HOUR = timedelta(hours=1)


@pytest.fixture
def clock():
    return Ticking()


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.stack)])
def brakes(request, clock):
    if request.param == "memory":
        return MemoryBrakes(MemoryLimits(clock), clock)
    new_table = request.getfixturevalue("new_table")
    return AzureTablesBrakes(new_table("Brakes"), AzureTablesLimits(new_table("Limits"), clock), clock)


async def counted(brakes, brake_id, times, limit=3):
    return [await brakes.count(brake_id, limit, HOUR) for _ in range(times)]


async def test_a_brake_goes_on_with_the_first_that_is_one_too_many(brakes, clock):
    assert await counted(brakes, CONTOSO, 3) == [True, True, True]
    assert not await brakes.is_on(CONTOSO)
    clock.advance(seconds=5)
    assert await counted(brakes, CONTOSO, 1) == [False]
    assert await brakes.is_on(CONTOSO)
    assert list(await brakes.on()) == [Brake(id=CONTOSO, since=clock())]


async def test_a_brake_tells_since_when_it_is_on_and_not_when_it_was_last_asked(brakes, clock):
    await counted(brakes, CONTOSO, 4)
    since = clock()
    clock.advance(minutes=1)
    assert await counted(brakes, CONTOSO, 1) == [False]
    assert [one.since for one in await brakes.on()] == [since]


async def test_a_brake_stays_on_when_its_window_is_over(brakes, clock):
    await counted(brakes, CONTOSO, 4)
    clock.advance(hours=2)
    assert await brakes.is_on(CONTOSO)


async def test_a_window_that_was_not_filled_does_not_count_for_the_next(brakes, clock):
    assert all(await counted(brakes, CONTOSO, 3))
    clock.advance(hours=1)
    assert all(await counted(brakes, CONTOSO, 3))
    assert not await brakes.is_on(CONTOSO)


async def test_one_tenants_brake_says_nothing_of_anothers(brakes):
    await counted(brakes, CONTOSO, 4)
    assert all(await counted(brakes, FABRIKAM, 3))
    assert not await brakes.is_on(FABRIKAM)
    assert await brakes.is_on(CONTOSO)


async def test_brakes_are_listed_by_id_and_only_while_they_are_on(brakes):
    assert list(await brakes.on()) == []
    for one in ("own", FABRIKAM, CONTOSO):
        await counted(brakes, one, 2, limit=1)
    await counted(brakes, "nobody", 1)
    assert [one.id for one in await brakes.on()] == [CONTOSO, FABRIKAM, "own"]


async def test_a_brake_that_is_let_go_counts_from_nothing(brakes):
    await counted(brakes, CONTOSO, 4)
    await brakes.release(CONTOSO)
    assert not await brakes.is_on(CONTOSO)
    assert list(await brakes.on()) == []
    assert await counted(brakes, CONTOSO, 4) == [True, True, True, False]
    await brakes.release(CONTOSO)
    assert await counted(brakes, CONTOSO, 4) == [True, True, True, False]


@pytest.mark.parametrize("times", [0, 1])
async def test_a_brake_that_is_not_on_cannot_be_let_go(brakes, times):
    await counted(brakes, CONTOSO, times)
    with pytest.raises(NotFound):
        await brakes.release(CONTOSO)
