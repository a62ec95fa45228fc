"""The contract of AccountEvents, over memory and Azure Tables."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.adapters.azure_tables_account_events import AzureTablesAccountEvents
from shared.adapters.memory_account_events import MemoryAccountEvents
from shared.domain.account_event import AccountEvent
from shared.ports.accounts import NotedEvent

NOON = datetime(2026, 11, 2, 12, 0, 0, 250, tzinfo=UTC)
DAY = timedelta(days=1)
ACCOUNT, OLD, NEW, OTHER = (f"k1.{letter * 64}" for letter in "abcd")


@pytest.fixture(params=["memory", pytest.param("azure", marks=pytest.mark.stack)])
def events(request):
    if request.param == "memory":
        return MemoryAccountEvents()
    return AzureTablesAccountEvents(request.getfixturevalue("new_table")("AccountEvents"))


def event(at: datetime = NOON, **more) -> AccountEvent:
    return AccountEvent.model_validate({"id": str(uuid4()), "happening": "password_reset", "at": at} | more)


async def test_an_event_is_found_whole_under_each_of_its_references_and_under_no_other(events):
    noted = event(happening="address_changed", address_ref=NEW, previous=b"\x00\xffsealed")
    await events.add([ACCOUNT, OLD, NEW], noted)
    for ref in (ACCOUNT, OLD, NEW):
        assert list(await events.since([ref], NOON)) == [noted]
    assert list(await events.since([OTHER], NOON)) == []
    assert list(await events.since([], NOON)) == []


async def test_an_event_under_several_of_the_references_asked_for_comes_once(events):
    noted = event()
    await events.add([ACCOUNT, OLD], noted)
    await events.add([ACCOUNT, OLD], noted)
    assert list(await events.since([ACCOUNT, OLD, ACCOUNT], NOON)) == [noted]


async def test_the_newest_event_comes_first_and_older_ones_than_asked_do_not_come(events):
    first, second, third = (event(NOON + number * DAY) for number in range(3))
    for one in (second, third, first):
        await events.add([ACCOUNT], one)
    assert list(await events.since([ACCOUNT], second.at)) == [third, second]
    assert list(await events.since([ACCOUNT], second.at + timedelta(microseconds=1))) == [third]


async def test_what_is_older_is_told_the_oldest_first_with_its_references(events):
    first, second, third = (event(NOON + number * DAY) for number in range(3))
    for one in (third, first, second):
        await events.add([ACCOUNT, OLD], one)
    before = [NotedEvent(id=one.id, at=one.at, subject_refs=(ACCOUNT, OLD)) for one in (first, second)]
    assert list(await events.before(third.at, 10)) == before
    assert list(await events.before(third.at, 1)) == before[:1]
    assert list(await events.before(first.at, 10)) == []


async def test_a_forgotten_event_is_nowhere_any_more_and_others_stay(events):
    gone, kept = event(), event(NOON + DAY)
    for one in (gone, kept):
        await events.add([ACCOUNT, OLD], one)
    (noted,) = await events.before(kept.at, 10)
    for _ in range(2):
        await events.remove(noted)
        assert list(await events.since([ACCOUNT], NOON)) == [kept]
        assert list(await events.since([OLD], NOON)) == [kept]
        assert list(await events.before(kept.at, 10)) == []
