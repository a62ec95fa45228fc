"""Records of consent, in memory and in a real table: lines are added, never changed, and read in order."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.adapters.azure_tables_consents import AzureTablesConsents
from shared.adapters.memory_consents import MemoryConsents
from shared.domain.measure import ConsentEvent

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.stack)])
def consents(request):
    if request.param == "memory":
        return MemoryConsents()
    return AzureTablesConsents(request.getfixturevalue("new_table")("Consents"))


@pytest.fixture
def person():
    return f"k1.{uuid4().hex}"


def line(name, at=AT, **more):
    return ConsentEvent(**{"id": name, "purpose": "newsletter", "state": "ConsentWithdrawn", "at": at} | more)


async def test_a_person_nobody_knows_has_no_lines(consents, person):
    assert list(await consents.of([person])) == []


async def test_lines_of_all_references_come_in_order_each_once(consents, person):
    other = f"{person}x"
    later = line("b", AT + DAY, dataset="subscribers", level="administrator", notice="2026-01", request="r")
    await consents.add(person, later)
    await consents.add(other, later)
    await consents.add(other, line("a"))
    assert list(await consents.of([person, other, person])) == [line("a"), later]
    assert list(await consents.of([person])) == [later]


async def test_a_line_that_stands_is_not_changed_by_another_of_its_id(consents, person):
    await consents.add(person, line("a"))
    await consents.add(person, line("a", state="ConsentGiven"))
    assert list(await consents.of([person])) == [line("a")]


async def test_only_what_is_older_is_deleted_and_only_of_that_person(consents, person):
    other = f"{person}x"
    for ref in (person, other):
        await consents.add(ref, line("old"))
        await consents.add(ref, line("new", AT + DAY))
    await consents.remove(person, AT + DAY)
    assert [one.id for one in await consents.of([person])] == ["new"]
    assert [one.id for one in await consents.of([other])] == ["old", "new"]
