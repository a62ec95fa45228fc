"""Turns, in memory and in a real table: one holder at a time, however many ask at once."""

import asyncio
from uuid import UUID, uuid4

import pytest

from shared.adapters.azure_tables_turns import AzureTablesTurns
from shared.adapters.memory_turns import MemoryTurns
from shared.domain.request import RequestId

FIRST, SECOND, THIRD = (RequestId(str(UUID(int=number))) for number in (1, 2, 3))


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.stack)])
def turns(request):
    if request.param == "memory":
        return MemoryTurns()
    return AzureTablesTurns(request.getfixturevalue("new_table")("Turns"))


@pytest.fixture
def person():
    return f"k1.{uuid4().hex}"


async def test_a_turn_is_its_first_takers_until_they_leave_it(turns, person):
    assert await turns.take(person, FIRST) == FIRST
    assert await turns.take(person, SECOND) == FIRST
    assert await turns.take(person, FIRST) == FIRST
    await turns.leave(person, FIRST)
    assert await turns.take(person, SECOND) == SECOND


async def test_nobody_leaves_anothers_turn_nor_one_that_nobody_has(turns, person):
    await turns.leave(person, FIRST)
    assert await turns.take(person, FIRST) == FIRST
    await turns.leave(person, SECOND)
    assert await turns.take(person, SECOND) == FIRST


async def test_of_many_at_once_one_has_it(turns, person):
    heard = await asyncio.gather(*(turns.take(person, one) for one in (FIRST, SECOND, THIRD) * 3))
    assert len(set(heard)) == 1


async def test_two_people_have_turns_of_their_own(turns, person):
    assert await turns.take(person, FIRST) == FIRST
    assert await turns.take(f"{person}x", SECOND) == SECOND
