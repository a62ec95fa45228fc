"""One suite over every discovered connector, in every way it finds people."""

import logging

import pytest
from places import ELSEWHERE, FILE_PLACES, HERE, RECORD_PLACES, identifier

from shared.connectors import discover
from shared.domain.errors import Permanent
from shared.domain.identity import Standing

PEOPLE = [
    pytest.param("anna@x.example", id="plain"),
    pytest.param("a_b.com#ext#@c.onmicrosoft.example", id="guest"),
    pytest.param("zoë.łukasz@żółw.example", id="not-ascii"),
    pytest.param("王小明@x.example", id="chinese"),
    pytest.param("o'brien@x.example", id="quote"),
    pytest.param("o''brien' or true@x.example", id="quotes-and-filter-words"),
    pytest.param("a b+c%23d@x.example", id="space-plus-percent"),
    pytest.param("@value{tenant}&=;?@x.example", id="template-and-query-words"),
]


def others_like(value):
    """People whose identifiers come close."""
    return [f"{value}.evil.example", f"x{value}", value.replace(".example", ".invalid"), f"{value} ", value[:-1]]


def row(number, note="a note"):
    return {"number": number, "note": note, "secret": "k3y", "unnamed": "not in the map"}


@pytest.fixture(params=RECORD_PLACES, ids=lambda place: f"{place.kind}-{place.__name__}")
async def place(request, azurite):
    made = request.param(azurite)
    made.connector.check(made.service, made.dataset)
    await made.make()
    return made


def test_every_connector_has_its_place_in_this_suite():
    assert {place.kind for place in RECORD_PLACES + FILE_PLACES} == set(discover())


@pytest.mark.parametrize("value", PEOPLE)
async def test_finds_all_that_is_theirs_and_nothing_else(place, value):
    mine = range(3 if place.many else 1)
    await place.put([(value, HERE, row(number)) for number in mine])
    await place.put([(value, ELSEWHERE, row(100))])
    await place.put([(other, HERE, row(200 + n)) for n, other in enumerate(others_like(value))])
    found = await place.records(identifier(value))
    assert sorted(record["number"] for record in found) == list(mine)
    assert all(record == {"number": record["number"], "note": "a note"} for record in found)


async def test_an_unknown_person_is_one_empty_last_page(place):
    await place.put([("someone@x.example", HERE, row(1))])
    pages = [page async for page in place.pages(identifier("nobody@x.example"))]
    assert [(list(page.records), list(page.files), page.unreadable) for page in pages] == [([], [], 0)] * len(pages)
    assert pages
    assert pages[-1].position is None


async def test_an_empty_store_is_an_empty_page(place):
    pages = [page async for page in place.pages(identifier("anna@x.example"))]
    assert pages
    assert pages[-1].position is None
    assert not [record for page in pages for record in page.records]


@pytest.mark.parametrize(
    "never",
    [
        pytest.param(identifier("anna@x.example", standing=Standing.CLAIMED), id="claimed"),
        pytest.param(identifier("anna@x.example", kind="email"), id="another-kind"),
        pytest.param(identifier("anna@x.example", tenant=ELSEWHERE), id="another-tenant"),
    ],
)
async def test_is_not_found_by_what_proves_nothing_here(place, never):
    await place.put([("anna@x.example", HERE, row(1))])
    assert len(await place.records(identifier("anna@x.example"))) == 1
    assert await place.records(never) == []


async def test_the_tenant_a_record_names_is_asked_too(place):
    await place.put([("anna@x.example", HERE, row(1))])
    hidden = place.dataset.model_copy(update={"tenant_field": "note"})
    assert len(await place.records(identifier("anna@x.example"))) == 1
    assert await place.records(identifier("anna@x.example"), dataset=hidden) == []


async def test_the_same_identifier_twice_finds_each_record_once(place):
    await place.put([("anna@x.example", HERE, row(1)), ("ben@x.example", HERE, row(2))])
    found = await place.records(*[identifier(f"{name}@x.example") for name in ("anna", "ben", "anna")])
    assert sorted(record["number"] for record in found) == [1, 2]


async def test_many_pages_go_on_in_another_process(place):
    if not place.many:
        pytest.skip("one record a person")
    await place.put([("anna@x.example", HERE, row(number)) for number in range(1205)])
    await place.put([("ben@x.example", HERE, row(9000 + number)) for number in range(40)])
    pages = [page async for page in place.pages(identifier("anna@x.example"))]
    found = [record["number"] for page in pages for record in page.records]
    assert sorted(found) == list(range(1205))
    taken = 0
    for page in pages:
        taken += len(page.records)
        if page.position is not None:
            options = {"position": page.position, "connector": place.again()}
            rest = [record["number"] for record in await place.records(identifier("anna@x.example"), **options)]
            assert found[:taken] + rest == found
    assert pages[-1].position is None
    assert taken == 1205


async def test_a_position_that_is_none_of_ours_is_refused(place):
    for odd in ("nonsense", "W10", "WyJ4Il0", "WzEsMiwzLDQsNV0"):
        with pytest.raises(Permanent, match="position_unreadable"):
            await place.records(identifier("anna@x.example"), position=odd)


async def test_a_missing_store_is_said_by_name(place):
    key = next(iter(place.dataset.settings))
    gone = place.dataset.model_copy(update={"settings": {key: "nothere"}})
    with pytest.raises(Permanent, match="store_missing") as caught:
        await place.records(identifier("anna@x.example"), dataset=gone)
    assert caught.value.__cause__ is None


async def test_nothing_of_a_person_is_logged(place, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "azure")  # as the app runs: the SDK would write names of blobs
    await place.put([("very.private@x.example", HERE, row(1, "intimate"))])
    caplog.clear()
    assert len(await place.records(identifier("very.private@x.example"))) == 1
    assert "private" not in caplog.text
    assert "intimate" not in caplog.text
