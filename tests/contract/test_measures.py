"""Limits on processing, in memory and in a real table: each handle knows them all, its version tells of a change."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.adapters.azure_tables_measures import AzureTablesMeasures
from shared.adapters.memory_measures import MemoryMeasures
from shared.domain.measure import Measure

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.stack)])
def measures(request):
    if request.param == "memory":
        return MemoryMeasures()
    return AzureTablesMeasures(request.getfixturevalue("new_table")("Measures"))


@pytest.fixture
def handle():
    return f"k1.{uuid4().hex}"


def restriction(name="r.0", **more):
    return Measure(id=name, kind="restriction", since=AT, **more)


async def test_a_handle_that_nobody_knows_has_nothing_under_it_and_no_version(measures, handle):
    assert await measures.of(handle) == ([], 0)


async def test_a_measure_stands_under_every_handle_it_was_set_under(measures, handle):
    other = f"{handle}x"
    one = restriction(datasets=("users",), purposes=("showing",), recipients=("host",), tenant="t-1", ground="18-1-a")
    assert await measures.put([handle, other], one) == {handle: 1, other: 1}
    for under in (handle, other):
        assert await measures.of(under) == ([one], 1)


async def test_the_same_again_changes_nothing_and_another_is_another_version(measures, handle):
    await measures.put([handle], restriction())
    assert await measures.put([handle], restriction()) == {handle: 1}
    assert await measures.put([handle], restriction("r.1")) == {handle: 2}
    assert await measures.put([handle], restriction(provisional=True)) == {handle: 3}
    found, version = await measures.of(handle)
    assert [(one.id, one.provisional) for one in found] == [("r.0", True), ("r.1", False)]
    assert version == 3


async def test_what_has_ended_does_not_begin_again_and_may_end_earlier_alone(measures, handle):
    await measures.put([handle], restriction(lifted_at=AT + HOUR))
    assert await measures.put([handle], restriction()) == {handle: 1}
    assert await measures.put([handle], restriction(lifted_at=AT + 2 * HOUR)) == {handle: 1}
    assert await measures.put([handle], restriction(lifted_at=AT)) == {handle: 2}
    assert (await measures.of(handle))[0] == [restriction(lifted_at=AT)]


async def test_what_is_forgotten_is_gone_and_the_version_stays(measures, handle):
    await measures.put([handle], restriction())
    await measures.put([handle], restriction("r.1"))
    await measures.remove(handle, "r.0")
    await measures.remove(handle, "never")
    assert await measures.of(handle) == ([restriction("r.1")], 2)
    assert await measures.put([handle], restriction()) == {handle: 3}


async def test_of_many_changes_at_once_none_is_lost_and_each_counts(measures, handle):
    await asyncio.gather(*(measures.put([handle], restriction(f"r.{number}")) for number in range(4)))
    found, version = await measures.of(handle)
    assert [one.id for one in found] == ["r.0", "r.1", "r.2", "r.3"]
    assert version == 4


@pytest.mark.parametrize(
    ("ground", "keeps"), [("18-1-a", False), ("18-1-b", True), ("18-1-c", True), ("18-1-d", False), (None, False)]
)
async def test_what_a_person_wants_kept_is_found_in_one_look(measures, handle, ground, keeps):
    await measures.put([handle], restriction(ground=ground))
    assert (handle in await measures.keeping()) is keeps


@pytest.mark.stack
async def test_what_another_process_set_is_found_within_seconds(new_table, handle):
    table = new_table("Measures")
    ours, theirs = AzureTablesMeasures(table), AzureTablesMeasures(table)
    assert await ours.keeping() == frozenset()
    await theirs.put([handle], restriction(ground="18-1-b"))
    until = asyncio.get_running_loop().time() + 20
    while handle not in await ours.keeping():
        assert asyncio.get_running_loop().time() < until
        await asyncio.sleep(0.2)
