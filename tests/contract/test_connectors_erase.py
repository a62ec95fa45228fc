"""One suite over every connector that erases by itself: all of one person's, and not a byte of anybody else's."""

import asyncio
import logging
from contextlib import suppress

import pytest
from places import (
    ELSEWHERE,
    FILE_OWNERS,
    FILE_PLACES,
    HERE,
    PEOPLE,
    RECORD_PLACES,
    Asked,
    ByDocument,
    ByFoldedProperty,
    ByJson,
    ByLine,
    ByMetadata,
    ByName,
    ByProperty,
    ByPropertyAnywhere,
    ByTag,
    InMemory,
    dataset_of,
    identifier,
    others_like,
)
from sql_places import SQL_PLACES

from shared.connectors import discover
from shared.connectors._blob_files import FILES_AT_ONCE
from shared.domain.errors import Permanent, StaleState, Transient
from shared.domain.identity import Standing
from shared.ports.connector import File

HERS = "only hers"
ANNA, BEN, NOBODY = (identifier(f"{name}@x.example") for name in ("anna", "ben", "nobody"))
ERASED_BY_OTHERS = {"http_service", "lane_service", "own_records"}  # ask who erases by itself, or is retained
KEEPING = [
    {"name": "number", "category": "user", "anonymise": "keep"},
    {"name": "note", "category": "user", "anonymise": "constant"},
    {"name": "secret", "category": "user"},
]
BY_PROPERTY = [InMemory, ByProperty, ByPropertyAnywhere, ByFoldedProperty, ByJson, ByName, ByLine, *SQL_PLACES]


def row(number, note="a note"):
    return {"number": number, "note": note, "secret": "k3y", "unnamed": "not in the map"}


def without(dump, mark=HERS):
    return [one for one in dump if mark not in str(one)]


async def no(_):
    raise StaleState("stopped")


async def until_stopped(steps):
    with suppress(StaleState):
        async for step in steps:
            yield step


@pytest.fixture
async def place(empty):
    empty.connector.check(empty.service, empty.dataset)
    await empty.make()
    return empty


@pytest.fixture(params=[*RECORD_PLACES, *SQL_PLACES], ids=lambda place: f"{place.kind}-{place.__name__}")
def empty(request):
    return request.param(request.getfixturevalue(request.param.stores_from))


def test_every_connector_has_its_place_in_this_suite():
    kinds = {place.kind for place in RECORD_PLACES + FILE_PLACES + SQL_PLACES}
    assert kinds | ERASED_BY_OTHERS == set(discover())


@pytest.mark.parametrize("value", PEOPLE)
async def test_erases_all_that_is_theirs_and_nothing_else(place, value):
    mine = range(3 if place.many else 1)
    others = [(other, HERE, row(200 + n)) for n, other in enumerate(others_like(value))]
    await place.put([*others[:2], *[(value, HERE, row(number, HERS)) for number in mine], *others[2:]])
    await place.put([(value, ELSEWHERE, row(100))])
    person, before = identifier(value), await place.dump()
    assert await place.count(person) == len(mine)
    assert len(without(before)) in {len(before) - len(mine), len(before) - 1}  # a document holds all of one person's
    assert await place.erase(person) == len(mine)
    assert await place.dump() == without(before)
    assert await place.count(person) == 0
    assert await place.erase(person, connector=place.again()) == 0
    assert await place.dump() == without(before)


async def test_of_an_unknown_person_nothing_is_written_and_nobody_asked(place):
    await place.put([("someone@x.example", HERE, row(1))])
    before, asked = await place.dump(), Asked()
    assert await place.count(NOBODY) == 0
    assert [(step.count, step.unreadable) async for step in place.erasing(NOBODY, asked=asked)][-1] == (0, 0)
    assert asked.times == 0
    assert before
    assert await place.dump() == before


async def test_of_an_empty_store_nothing_is_erased(place):
    assert await place.count(ANNA) == 0
    steps = [step async for step in place.erasing(ANNA)]
    assert sum(step.count for step in steps) == 0
    assert steps[-1].position is None


@pytest.mark.parametrize(
    "never",
    [
        pytest.param(identifier("anna@x.example", standing=Standing.CLAIMED), id="claimed"),
        pytest.param(identifier("anna@x.example", kind="email"), id="another-kind"),
        pytest.param(identifier("anna@x.example", tenant=ELSEWHERE), id="another-tenant"),
    ],
)
async def test_what_proves_nothing_here_erases_nothing(place, never):
    await place.put([("anna@x.example", HERE, row(1, HERS))])
    before = await place.dump()
    assert await place.count(never) == 0
    assert await place.erase(never) == 0
    assert await place.dump() == before
    assert await place.erase(ANNA) == 1


async def test_the_tenant_a_record_names_is_asked_too(place):
    await place.put([("anna@x.example", HERE, row(1, HERS))])
    hidden, before = place.dataset.model_copy(update={"tenant_field": "note"}), await place.dump()
    assert await place.count(ANNA, dataset=hidden) == 0
    assert await place.erase(ANNA, dataset=hidden) == 0
    assert await place.dump() == before
    assert await place.erase(ANNA) == 1


async def test_where_a_request_was_stopped_nothing_is_touched(place):
    await place.put([("anna@x.example", HERE, row(1, HERS)), ("ben@x.example", HERE, row(2))])
    before = await place.dump()
    with pytest.raises(StaleState):
        await place.erase(ANNA, asked=Asked(no))
    assert await place.dump() == before
    assert await place.erase(ANNA) == 1


async def test_many_are_erased_a_thousand_at_most_between_two_questions(place):
    if not place.in_steps:
        pytest.skip("all of one person's is one step")
    await place.put([("anna@x.example", HERE, row(number, HERS)) for number in range(1205)])
    await place.put([("ben@x.example", HERE, row(9000 + number)) for number in range(40)])
    before = await place.dump()

    async def once(times):
        if times == 2:
            raise StaleState("stopped")

    asked = Asked(once)
    done = [step async for step in until_stopped(place.erasing(ANNA, asked=asked))]
    assert asked.times == 2
    erased = sum(step.count for step in done)
    assert 0 < erased <= 1000
    assert await place.count(ANNA) == 1205 - erased
    assert without(await place.dump()) == without(before)
    assert done[-1].position
    await place.erase(ANNA, position=done[-1].position, connector=place.again())
    assert await place.count(ANNA) == 0
    assert await place.dump() == without(before)


async def test_a_run_that_died_is_repeated_from_its_beginning(place):
    if not place.in_steps:
        pytest.skip("all of one person's is one step")
    await place.put([("anna@x.example", HERE, row(number, HERS)) for number in range(1205)])
    await place.put([("ben@x.example", HERE, row(1))])
    before = await place.dump()
    first = await anext(place.erasing(ANNA))
    assert 0 < first.count < 1205
    assert await place.erase(ANNA, connector=place.again()) == 1205 - first.count
    assert await place.dump() == without(before)


async def test_two_runs_at_once_do_no_harm(place):
    mine = 450 if place.many else 1
    await place.put([("anna@x.example", HERE, row(number, HERS)) for number in range(mine)])
    await place.put([("ben@x.example", HERE, row(1000 + number)) for number in range(20 if place.many else 1)])
    before = await place.dump()
    assert await place.count(ANNA) == mine
    together = [place.erase(ANNA, connector=connector) for connector in (place.connector, place.again())]
    assert mine <= sum(await asyncio.gather(*together)) <= 2 * mine
    assert await place.dump() == without(before)


async def test_two_people_are_erased_at_the_same_time(place):
    people = [(f"{name}@x.example", HERE, row(n, f"of {name}")) for n, name in enumerate(("anna", "cleo", "ben"))]
    await place.put(people * 100 if place.many else people)
    before = await place.dump()
    each = 100 if place.many else 1
    together = [place.erase(one, connector=place.again()) for one in (ANNA, BEN)]
    assert await asyncio.gather(*together) == [each, each]
    assert await place.dump() == without(without(before, "of anna"), "of ben")
    assert await place.count(identifier("cleo@x.example")) == each


async def test_a_position_that_is_none_of_ours_is_refused(place):
    await place.put([("anna@x.example", HERE, row(1, HERS))])
    for odd in ("nonsense", "W10", "WyJ4Il0", "WzEsMiwzLDQsNV0"):
        with pytest.raises(Permanent, match="position_unreadable"):
            await place.erase(ANNA, position=odd)
        with pytest.raises(Permanent, match="position_unreadable"):
            await place.count(ANNA, position=odd)
    assert await place.count(ANNA) == 1


async def test_a_missing_store_is_said_by_name(place):
    gone = place.dataset.model_copy(update={"settings": place.settings() | {next(iter(place.settings())): "nothere"}})
    with pytest.raises(Permanent, match="store_missing"):
        await place.count(ANNA, dataset=gone)
    with pytest.raises(Permanent, match="store_missing"):
        await place.erase(ANNA, dataset=gone)


async def test_nothing_of_a_person_is_logged(place, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "azure")  # as the app runs: the SDK would write names of blobs
    await place.put([("very.private@x.example", HERE, row(1, "intimate"))])
    caplog.clear()
    assert await place.count(identifier("very.private@x.example")) == 1
    assert await place.erase(identifier("very.private@x.example")) == 1
    assert "private" not in caplog.text
    assert "intimate" not in caplog.text


@pytest.fixture(
    params=[place for place in [*RECORD_PLACES, *SQL_PLACES] if place.second], ids=lambda place: place.__name__
)
def empty_two_ways(request):
    return request.param(request.getfixturevalue(request.param.stores_from))


async def test_what_two_identifiers_find_is_erased_once(empty_two_ways):
    made = empty_two_ways
    ways = [*made.dataset.found_by, made.second | {"identifier": "entra_object_id"}]
    made.dataset = dataset_of(made.settings(), ways)
    made.connector.check(made.service, made.dataset)
    await made.make()
    await made.put(
        [
            ("anna@x.example", HERE, row(1, HERS) | {"oid": "o-1"}),
            ("anna@x.example", HERE, row(2, HERS) | {"oid": "o-2"}),
            ("ben@x.example", HERE, row(3, HERS) | {"oid": "o-1"}),
            ("ben@x.example", HERE, row(4) | {"oid": "o-2"}),
        ]
    )
    before, both = await made.dump(), (ANNA, identifier("o-1", kind="entra_object_id"))
    assert await made.count(*both) == 3
    assert await made.erase(*both) == 3
    assert await made.dump() == without(before)


@pytest.fixture(params=BY_PROPERTY, ids=lambda place: place.__name__)
async def anonymising(request):
    made = request.param(request.getfixturevalue(request.param.stores_from))
    dataset = dataset_of(made.settings(), made.dataset.found_by, KEEPING)
    made.dataset = dataset.model_copy(update={"erasure": dataset.erasure.model_copy(update={"action": "anonymise"})})
    made.connector.check(made.service, made.dataset)
    await made.make()
    return made


async def test_an_anonymised_record_keeps_what_the_map_keeps_and_nothing_of_the_person(anonymising):
    await anonymising.put([("ben@x.example", HERE, row(7)), ("anna@x.example", ELSEWHERE, row(8))])
    await anonymising.put([("anna@x.example", HERE, row(41213 + number, HERS)) for number in range(120)])
    before, asked = await anonymising.dump(), Asked()
    assert await anonymising.count(ANNA) == 120
    assert await anonymising.erase(ANNA, action="anonymise", asked=asked) == 120
    after = await anonymising.dump()
    assert asked.times
    assert await anonymising.count(ANNA) == 0
    assert len(after) == len(before)
    assert [one for one in after if one in before] == without(before)
    changed = str([one for one in after if one not in before]).lower()
    assert changed.count("[erased]") == 120
    assert [n for n in range(120) if str(41213 + n) not in changed] == []
    assert [gone for gone in (HERS, "anna", "not in the map", "k3y") if gone in changed] == []
    assert await anonymising.erase(ANNA, action="anonymise") == 0
    assert await anonymising.dump() == after


@pytest.fixture(params=[*FILE_PLACES, ByTag], ids=lambda place: place.__name__)
async def file_place(request, azurite):
    made = request.param(azurite)
    made.connector.check(made.service, made.dataset)
    await made.make()
    return made


@pytest.mark.parametrize("value", FILE_OWNERS)
async def test_files_are_deleted_with_their_snapshots_and_others_stay(file_place, value):
    if isinstance(file_place, ByTag):
        value = "c-1.example"  # a tag holds no address
    await file_place.put_file(value, HERE, f"{HERS}.pdf", b"mine")
    await file_place.put_file(value, HERE, f"{HERS} too.pdf", b"")
    await file_place.put_file(value, ELSEWHERE, "theirs.pdf", b"not mine")
    for number, other in enumerate(others_like(value)):
        await file_place.put_file(other, HERE, f"{number}.pdf", b"not mine")
    async for blob in file_place.container.list_blobs():
        await file_place.container.get_blob_client(blob.name).create_snapshot()
    before, person = await file_place.dump(), identifier(value, kind=file_place.found_by)
    assert len(before) == len(without(before)) + 4
    assert await file_place.count(person) == 2
    assert await file_place.erase(person) == 2
    assert await file_place.dump() == without(before)
    assert await file_place.count(person) == 0
    asked = Asked()
    assert await file_place.erase(person, asked=asked) == 0
    assert asked.times == 0


async def test_many_files_are_deleted_in_steps_that_another_process_goes_on_from(file_place):
    for number in range(2 * FILES_AT_ONCE + 1):
        await file_place.put_file("c-1", HERE, f"{number:03d}", b"ring")
    await file_place.put_file("c-2", HERE, "other", b"ring")
    person, position, erased = identifier("c-1", kind=file_place.found_by), None, 0
    for _ in range(3):
        step = await anext(file_place.erasing(person, position=position, connector=file_place.again()))
        assert step.count <= FILES_AT_ONCE
        position, erased = step.position, erased + step.count
    assert position is None
    assert erased == 2 * FILES_AT_ONCE + 1
    assert len(await file_place.dump()) == 1


async def test_where_a_request_was_stopped_no_file_is_touched(file_place):
    await file_place.put_file("c-1", HERE, "a", b"ring")
    before = await file_place.dump()
    with pytest.raises(StaleState):
        await file_place.erase(identifier("c-1", kind=file_place.found_by), asked=Asked(no))
    assert await file_place.dump() == before
    assert len(before) == 1


async def test_a_file_that_is_anothers_by_now_stays(azurite):
    made = ByMetadata(azurite)
    await made.make()
    await made.put_file("anna@x.example", HERE, "call.wav", b"ring")
    (name,) = [blob.name async for blob in made.container.list_blobs()]

    async def hand_over(_):
        metadata = {"tenantId": HERE, "caller": "ben@x.example"}
        await made.container.upload_blob(name, b"another ring", overwrite=True, metadata=metadata)

    with pytest.raises(Transient, match="changed_meanwhile"):
        await made.erase(ANNA, asked=Asked(hand_over))
    assert [one[-1] for one in await made.dump()] == [b"another ring"]
    assert await made.erase(ANNA) == 0
    assert len(await made.dump()) == 1


async def test_a_document_that_is_written_meanwhile_is_read_again(azurite):
    made = ByDocument(azurite)
    await made.make()
    await made.put([("anna@x.example", HERE, row(1, HERS))])
    name = f"settings/{HERE}/anna@x.example.json"

    async def others_write(times):
        if times == 1:
            await made.container.upload_blob(name, f'[{{"tenantId": "{HERE}"}}, {{}}]', overwrite=True)

    with pytest.raises(Permanent, match="document_shared"):
        await made.erase(ANNA, asked=Asked(others_write))
    assert len(await made.dump()) == 1


async def test_a_document_is_told_from_one_of_another_tenant_and_from_a_shared_one(azurite):
    made = ByDocument(azurite)
    await made.make()
    name = f"settings/{HERE}/anna@x.example.json"
    both = f'[{{"number": 1, "tenantId": "{HERE}"}}, {{"number": 2, "tenantId": "{ELSEWHERE}"}}]'
    await made.container.upload_blob(name, both)
    before = await made.dump()
    assert await made.count(ANNA) == 1
    with pytest.raises(Permanent, match="document_shared"):
        await made.erase(ANNA)
    assert await made.dump() == before


async def test_a_document_of_theirs_that_cannot_be_read_is_counted_and_deleted(azurite):
    made = ByDocument(azurite)
    await made.make()
    await made.container.upload_blob(f"settings/{HERE}/anna@x.example.json", b'{"number": 1,')
    await made.container.upload_blob(f"settings/{HERE}/ben@x.example.json", b'{"number": 2,')
    before = await made.dump()
    assert await made.count(ANNA) == 1
    assert [(step.count, step.unreadable) async for step in made.erasing(ANNA)] == [(1, 0)]
    assert await made.dump() == before[1:]


async def test_files_in_memory_are_deleted_and_never_anonymised():
    made = InMemory(None)
    await made.make()
    owners = [{"tenantId": HERE, "owner": {"upn": f"{name}@x.example"}} for name in ("anna", "ben", "anna")]
    made.drawer.files += [
        (owner, File(name=f"{n}", size=0, media_type="", open=None)) for n, owner in enumerate(owners)
    ]
    assert await made.count(ANNA) == 2
    with pytest.raises(Permanent, match="files_not_anonymised"):
        await made.erase(ANNA, action="anonymise")
    assert len(made.drawer.files) == 3
    assert await made.erase(ANNA) == 2
    assert [file.name for _, file in made.drawer.files] == ["1"]
