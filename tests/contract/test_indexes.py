"""The contracts of Waits, Deadlines, Subjects and Exports, over memory and Azure Tables."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.adapters.azure_tables_indexes import (
    AzureTablesDeadlines,
    AzureTablesExports,
    AzureTablesSubjects,
    AzureTablesWaits,
)
from shared.adapters.memory_indexes import MemoryDeadlines, MemoryExports, MemorySubjects, MemoryWaits
from shared.domain.errors import NotFound
from shared.domain.request import RequestId
from shared.ports.requests import Wait

NOW = datetime(2026, 11, 23, 19, 59, 59, 999999, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KINDS = {
    "waits": (MemoryWaits, AzureTablesWaits),
    "deadlines": (MemoryDeadlines, AzureTablesDeadlines),
    "subjects": (MemorySubjects, AzureTablesSubjects),
    "exports": (MemoryExports, AzureTablesExports),
}


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.stack)])
def index(request):
    if request.param == "memory":
        return lambda kind: KINDS[kind][0]()
    new_table = request.getfixturevalue("new_table")
    return lambda kind: KINDS[kind][1](new_table(kind))


def rid(number):
    return RequestId(f"00000000-0000-4000-8000-{number:012}")


async def test_waits_fall_due_oldest_first_and_not_before_their_time(index):
    waits = index("waits")
    assert list(await waits.due(NOW, 10)) == []
    await waits.add(rid(1), NOW)
    await waits.add(rid(2), NOW - timedelta(hours=30))
    await waits.add(rid(3), NOW + timedelta(microseconds=1))
    await waits.add(rid(4), NOW - MINUTE)
    assert [wait.request_id for wait in await waits.due(NOW, 10)] == [rid(2), rid(4), rid(1)]
    assert [wait.request_id for wait in await waits.due(NOW, 1)] == [rid(2)]
    assert len(await waits.due(NOW + MINUTE, 10)) == 4


async def test_a_wait_comes_back_with_the_instant_it_was_noted_for(index):
    waits = index("waits")
    at = NOW.astimezone(timezone(timedelta(hours=1)))
    await waits.add(rid(1), at)
    assert list(await waits.due(NOW, 10)) == [Wait(request_id=rid(1), at=at)]


async def test_the_same_wait_twice_is_one_and_another_instant_is_another(index):
    waits = index("waits")
    await waits.add(rid(1), NOW - MINUTE)
    await waits.add(rid(1), (NOW - MINUTE).astimezone(timezone(timedelta(hours=-5))))
    await waits.add(rid(1), NOW)
    assert [wait.at for wait in await waits.due(NOW, 10)] == [NOW - MINUTE, NOW]


async def test_removing_a_wait_removes_that_one_and_twice_is_no_error(index):
    waits = index("waits")
    await waits.add(rid(1), NOW - MINUTE)
    await waits.add(rid(1), NOW)
    first, second = await waits.due(NOW, 10)
    await waits.remove(first)
    await waits.remove(first)
    assert list(await waits.due(NOW, 10)) == [second]


async def test_deadlines_are_given_earliest_first_within_the_span_both_ends_in_it(index):
    deadlines = index("deadlines")
    for number, days in enumerate([3, 1, 2, 0, 9]):
        await deadlines.add(rid(number), NOW + timedelta(days=days))
    await deadlines.add(rid(2), NOW + timedelta(days=2))
    found, cursor = await deadlines.between(NOW, NOW + timedelta(days=3), 10)
    assert list(found) == [rid(3), rid(1), rid(2), rid(0)]
    assert cursor is None


async def test_pages_of_deadlines_leave_out_and_repeat_nothing(index):
    deadlines = index("deadlines")
    for number in range(7):
        await deadlines.add(rid(number), NOW + timedelta(days=number // 3))
    found, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page, cursor = await deadlines.between(NOW, NOW + timedelta(days=9), 3, cursor)
        found += page
        pages += 1
    assert found == [rid(number) for number in range(7)]
    assert pages == 3


async def test_subjects_find_requests_under_any_reference_each_once(index):
    subjects = index("subjects")
    await subjects.add("1.aA-_", rid(1))
    await subjects.add("1.aA-_", rid(1))
    await subjects.add("1.aA-_", rid(2))
    await subjects.add("2.bB'", rid(2))
    await subjects.add("2.other", rid(3))
    assert sorted(await subjects.requests(["1.aA-_", "2.bB'", "3.unknown"])) == [rid(1), rid(2)]
    assert list(await subjects.requests([])) == []


async def test_an_export_names_its_request(index):
    exports = index("exports")
    await exports.add("e1", rid(1))
    await exports.add("e1", rid(1))
    assert await exports.request_of("e1") == rid(1)
    with pytest.raises(NotFound):
        await exports.request_of("e2")


async def test_a_deadline_that_is_taken_out_is_gone_and_twice_is_no_error(index):
    deadlines = index("deadlines")
    await deadlines.add(rid(1), NOW)
    await deadlines.add(rid(2), NOW)
    await deadlines.remove(rid(1), NOW.astimezone(timezone(timedelta(hours=-5))))
    await deadlines.remove(rid(1), NOW)
    found, _ = await deadlines.between(NOW - MINUTE, NOW + MINUTE, 10)
    assert list(found) == [rid(2)]


async def test_a_subject_is_taken_out_of_one_request_alone(index):
    subjects = index("subjects")
    for reference in ("1.aA-_", "2.bB'"):
        await subjects.add(reference, rid(1))
        await subjects.add(reference, rid(2))
    await subjects.remove("1.aA-_", rid(1))
    await subjects.remove("1.aA-_", rid(1))
    await subjects.remove("3.unknown", rid(2))
    assert list(await subjects.requests(["1.aA-_"])) == [rid(2)]
    assert sorted(await subjects.requests(["2.bB'"])) == [rid(1), rid(2)]


async def test_an_export_that_is_taken_out_names_nothing(index):
    exports = index("exports")
    await exports.add("e1", rid(1))
    await exports.add("e2", rid(1))
    await exports.remove("e1")
    await exports.remove("e1")
    with pytest.raises(NotFound):
        await exports.request_of("e1")
    assert await exports.request_of("e2") == rid(1)


@pytest.mark.stack
async def test_more_waits_than_one_page_holds_are_all_found(new_table):
    waits = AzureTablesWaits(new_table("waits"))
    for number in range(12):
        await waits.add(rid(number), NOW - timedelta(hours=number))
    assert len(await waits.due(NOW, 5)) == 5
    assert len(await waits.due(NOW, 1000)) == 12
