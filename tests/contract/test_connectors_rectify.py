"""One suite over every connector that corrects, or asks a system to: that field of theirs, and no other byte."""

import logging

import pytest
from http_places import HTTP_PLACES
from places import (
    ELSEWHERE,
    HERE,
    PEOPLE,
    RECORD_PLACES,
    Asked,
    ByFolder,
    ByMetadata,
    dataset_of,
    identifier,
    others_like,
)
from sql_places import SQL_PLACES

from shared.connectors import discover
from shared.domain.errors import Permanent, StaleState
from shared.domain.identity import Standing

PLACES = [*RECORD_PLACES, *SQL_PLACES, *HTTP_PLACES]
RIGHT, WRONG = "what is so", "what is wrong"
ANNA, BEN, NOBODY = (identifier(f"{name}@x.example") for name in ("anna", "ben", "nobody"))


def row(number, note=WRONG):
    return {"number": number, "note": note, "secret": "k3y", "unnamed": "not in the map"}


def others(dump):
    return [one for one in dump if WRONG not in str(one) and RIGHT not in str(one)]


async def no(_):
    raise StaleState("stopped")


def as_before(dump):
    """What is held, with what is right taken for what was wrong, and without the versions of rows and blobs."""
    return [str(_plain(one)).replace(RIGHT, WRONG) for one in dump]


def _plain(one):
    if isinstance(one, dict):
        return {name: value for name, value in one.items() if name != "etag"}
    return one.decode() if isinstance(one, bytes) else [part for part in one if not str(part).startswith(('"0x', "0x"))]


@pytest.fixture(params=PLACES, ids=lambda place: f"{place.kind}-{place.__name__}")
def empty(request):
    return request.param(request.getfixturevalue(request.param.stores_from))


@pytest.fixture
async def place(empty):
    empty.connector.check(empty.service, empty.dataset)
    await empty.make()
    return empty


def test_every_connector_has_its_place_in_this_suite():
    by_themselves = {
        "lane_service",
        "own_records",
    }  # never written to from here: tests/journeys/test_telemetry_journey.py
    assert {place.kind for place in PLACES} == set(discover()) - by_themselves


@pytest.mark.parametrize("value", PEOPLE)
async def test_corrects_that_field_of_theirs_and_not_a_byte_of_anybody_elses(place, value):
    mine = range(3 if place.many else 1)
    strangers = [(other, HERE, row(200 + n, "a note")) for n, other in enumerate(others_like(value))]
    await place.put([*strangers[:2], *[(value, HERE, row(number)) for number in mine], *strangers[2:]])
    await place.put([(value, ELSEWHERE, row(100, "a note"))])
    before, records = await place.dump(), await place.records(identifier(value))
    assert await place.rectify(identifier(value), values={"note": RIGHT}) == len(mine)
    after = await place.dump()
    assert others(after) == others(before)
    assert len(after) == len(before)
    assert WRONG not in str(after)
    assert await place.records(identifier(value)) == [one | {"note": RIGHT} for one in records]
    assert as_before(after) == as_before(before)
    assert await place.rectify(identifier(value), values={"note": RIGHT}, connector=place.again()) == len(mine)
    assert await place.dump() == after


async def test_of_an_unknown_person_nothing_is_written_and_nobody_asked(place):
    await place.put([("someone@x.example", HERE, row(1))])
    before, asked = await place.dump(), Asked()
    steps = [step async for step in place.rectifying(NOBODY, values={"note": RIGHT}, asked=asked)]
    assert sum(step.count for step in steps) == 0
    assert steps[-1].position is None
    assert asked.times == 0 or place.kind == "http_service"
    assert await place.dump() == before


@pytest.mark.parametrize(
    "never",
    [
        pytest.param(identifier("anna@x.example", standing=Standing.CLAIMED), id="claimed"),
        pytest.param(identifier("anna@x.example", kind="email"), id="another-kind"),
        pytest.param(identifier("anna@x.example", tenant=ELSEWHERE), id="another-tenant"),
    ],
)
async def test_what_proves_nothing_here_corrects_nothing(place, never):
    await place.put([("anna@x.example", HERE, row(1))])
    before = await place.dump()
    assert await place.rectify(never, values={"note": RIGHT}) == 0
    assert await place.dump() == before
    assert await place.rectify(ANNA, values={"note": RIGHT}) == 1


async def test_where_a_request_was_stopped_nothing_is_touched(place):
    await place.put([("anna@x.example", HERE, row(1))])
    before = await place.dump()
    with pytest.raises(StaleState):
        await place.rectify(ANNA, values={"note": RIGHT}, asked=Asked(no))
    assert await place.dump() == before
    assert await place.rectify(ANNA, values={"note": RIGHT}) == 1


async def test_a_number_stays_a_number_and_what_is_none_is_refused(place):
    await place.put([("anna@x.example", HERE, row(1)), ("ben@x.example", HERE, row(2))])
    before = await place.dump()
    with pytest.raises(Permanent, match=r"^(value_does_not_fit|vendor_failed)$"):
        await place.rectify(ANNA, values={"number": "canary"})
    assert await place.dump() == before
    assert await place.rectify(ANNA, values={"number": "41"}) == 1
    assert [one["number"] for one in await place.records(ANNA)] == [41]
    assert [one["number"] for one in await place.records(BEN)] == [2]


async def test_two_fields_are_corrected_together(place):
    await place.put([("anna@x.example", HERE, row(1))])
    assert await place.rectify(ANNA, values={"number": "7", "note": 'Zoë "O\'Neil"\\\n'}) == 1
    assert await place.records(ANNA) == [{"number": 7, "note": 'Zoë "O\'Neil"\\\n'}]


async def test_many_are_corrected_in_steps_that_another_process_goes_on_from(place):
    if not place.in_steps or not place.many:
        pytest.skip("all of one person's is one step")
    await place.put([("anna@x.example", HERE, row(number)) for number in range(1205)])
    await place.put([("ben@x.example", HERE, row(9000 + number, "a note")) for number in range(40)])
    before = await place.dump()
    first = await anext(place.rectifying(ANNA, values={"note": RIGHT}))
    assert 0 < first.count <= (1205 if first.position is None else 1000)
    if first.position is not None:
        rest = await place.rectify(ANNA, values={"note": RIGHT}, position=first.position, connector=place.again())
        assert first.count + rest == 1205
    assert {one["note"] for one in await place.records(ANNA)} == {RIGHT}
    assert others(await place.dump()) == others(before)


async def test_a_run_that_died_is_repeated_from_its_beginning(place):
    if not place.in_steps or not place.many:
        pytest.skip("all of one person's is one step")
    await place.put([("anna@x.example", HERE, row(number)) for number in range(1205)])
    await anext(place.rectifying(ANNA, values={"note": RIGHT}))
    assert await place.rectify(ANNA, values={"note": RIGHT}, connector=place.again()) == 1205
    assert {one["note"] for one in await place.records(ANNA)} == {RIGHT}


async def test_what_says_whose_record_it_is_never_changes(place):
    await place.put([("anna@x.example", HERE, row(1))])
    before = await place.dump()
    with pytest.raises(Permanent, match=r"^field_is_a_key$"):
        await place.rectify(ANNA, values={"tenantId": ELSEWHERE})
    assert await place.dump() == before


async def test_nothing_of_a_person_is_logged(place, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "azure")  # as the app runs: the SDK would write names of blobs
    await place.put([("very.private@x.example", HERE, row(1, "intimate"))])
    caplog.clear()
    assert await place.rectify(identifier("very.private@x.example"), values={"note": "delicate"}) == 1
    assert [word for word in ("private", "intimate", "delicate") if word in caplog.text] == []


@pytest.fixture(params=[place for place in PLACES if place.second], ids=lambda place: place.__name__)
def empty_two_ways(request):
    return request.param(request.getfixturevalue(request.param.stores_from))


@pytest.fixture
async def two_ways(empty_two_ways):
    made = empty_two_ways
    ways = [*made.dataset.found_by, made.second | {"identifier": "entra_object_id"}]
    made.dataset = dataset_of(made.settings(), ways, [*made.dataset.model_dump()["fields"], FIELD_OID])
    await made.make()
    return made


FIELD_OID = {"name": "oid", "category": "user.unique_id"}
THE_SECOND = identifier("o-1", kind="entra_object_id")


async def test_what_records_are_found_by_changes_where_another_identifier_still_finds_them(two_ways):
    if two_ways.kind == "http_service":
        pytest.skip("which record a vendor would lose, the vendor knows")
    await two_ways.put([("anna@x.example", HERE, row(1) | {"oid": "o-1"})])
    before = await two_ways.dump()
    for only in ([THE_SECOND], [THE_SECOND, BEN]):
        with pytest.raises(Permanent, match=r"^field_is_a_key$"):
            await two_ways.rectify(*only, values={"oid": "o-9"})
        assert await two_ways.dump() == before
    assert await two_ways.rectify(ANNA, THE_SECOND, values={"oid": "o-9"}) == 1
    assert [one["oid"] for one in await two_ways.records(ANNA)] == ["o-9"]
    assert await two_ways.records(THE_SECOND) == []


async def test_what_two_identifiers_find_is_corrected_once(two_ways):
    await two_ways.put(
        [
            ("anna@x.example", HERE, row(1) | {"oid": "o-1"}),
            ("anna@x.example", HERE, row(2) | {"oid": "o-2"}),
            ("ben@x.example", HERE, row(3) | {"oid": "o-1"}),
            ("ben@x.example", HERE, row(4, "a note") | {"oid": "o-2"}),
        ]
    )
    before = await two_ways.dump()
    assert await two_ways.rectify(ANNA, THE_SECOND, values={"note": RIGHT}) == 3
    assert WRONG not in str(await two_ways.dump())
    assert others(await two_ways.dump()) == others(before)


@pytest.fixture(params=[ByFolder, ByMetadata], ids=lambda place: place.__name__)
async def files(request, azurite):
    made = request.param(azurite)
    await made.make()
    return made


async def test_an_original_file_is_never_corrected(files):
    await files.put_file("anna@x.example", HERE, "cv.pdf", b"as it was")
    before = await files.dump()
    with pytest.raises(Permanent, match=r"^not_rectifiable$"):
        await files.rectify(ANNA, values={"note": RIGHT})
    assert await files.dump() == before
