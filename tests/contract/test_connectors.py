"""One suite over every discovered connector, in every way it finds people."""

import base64
import io
import json
import logging
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from azure.data.tables import EdmType, EntityProperty
from http_places import HTTP_PLACES
from places import (
    ELSEWHERE,
    FILE_OWNERS,
    FILE_PLACES,
    HERE,
    PEOPLE,
    RECORD_PLACES,
    ByDocument,
    ByFolder,
    ByJson,
    ByLine,
    ByPartitionKey,
    ByPropertyAnywhere,
    ByTag,
    Strangers,
    dataset_of,
    fields_of,
    identifier,
    others_like,
    service_of,
)
from sql_places import SQL_PLACES

from devhost.ports import free_port
from shared.connectors import discover
from shared.connectors._blob_files import FILES_AT_ONCE
from shared.domain.errors import DataMapInvalid, Permanent, Transient
from shared.domain.identity import Standing

PLACES = [*RECORD_PLACES, *SQL_PLACES, *HTTP_PLACES]


def row(number, note="a note"):
    return {"number": number, "note": note, "secret": "k3y", "unnamed": "not in the map"}


@pytest.fixture(params=PLACES, ids=lambda place: f"{place.kind}-{place.__name__}")
def empty_place(request):
    return request.param(request.getfixturevalue(request.param.stores_from))


@pytest.fixture
async def place(empty_place):
    empty_place.connector.check(empty_place.service, empty_place.dataset)
    await empty_place.make()
    return empty_place


def test_every_connector_has_its_place_in_this_suite():
    by_themselves = {"lane_service", "own_records"}  # never read from here: tests/journeys/test_telemetry_journey.py
    assert {place.kind for place in PLACES + FILE_PLACES} == set(discover()) - by_themselves


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


@pytest.fixture(params=[place for place in PLACES if place.second], ids=lambda place: place.__name__)
def empty_two_ways(request):
    return request.param(request.getfixturevalue(request.param.stores_from))


@pytest.fixture
async def two_ways(empty_two_ways):
    """A place where a record can be found by the UPN and by an object id too."""
    made = empty_two_ways
    ways = [*made.dataset.found_by, made.second | {"identifier": "entra_object_id"}]
    made.dataset = dataset_of(made.settings(), ways)
    made.connector.check(made.service, made.dataset)
    await made.make()
    return made


async def test_a_record_that_two_identifiers_find_comes_once(two_ways):
    await two_ways.put(
        [
            ("anna@x.example", HERE, row(1) | {"oid": "o-1"}),
            ("anna@x.example", HERE, row(2) | {"oid": "o-2"}),
            ("ben@x.example", HERE, row(3) | {"oid": "o-1"}),
            ("ben@x.example", HERE, row(4) | {"oid": "o-2"}),
        ]
    )
    anna, her_id = identifier("anna@x.example"), identifier("o-1", kind="entra_object_id")
    pages = [page async for page in two_ways.pages(anna, her_id)]
    assert sorted(record["number"] for page in pages for record in page.records) == [1, 2, 3]
    for number, page in enumerate(pages[:-1]):
        rest = [record["number"] for record in await two_ways.records(anna, her_id, position=page.position)]
        assert rest == [record["number"] for later in pages[number + 1 :] for record in later.records]


async def test_a_world_wide_identifier_finds_records_of_every_tenant(azurite):
    made = ByPropertyAnywhere(azurite)
    await made.make()
    await made.put([("anna@x.example", HERE, row(1)), ("anna@x.example", ELSEWHERE, row(2))])
    found = await made.records(identifier("anna@x.example", tenant=None))
    assert sorted(record["number"] for record in found) == [1, 2]


async def test_a_world_wide_identifier_finds_nothing_by_a_key_that_holds_a_tenant(azurite):
    made = ByPartitionKey(azurite)
    await made.make()
    await made.put([("anna@x.example", HERE, row(1))])
    assert len(await made.records(identifier("anna@x.example"))) == 1
    assert await made.records(identifier("anna@x.example", tenant=None)) == []


async def test_table_values_keep_everything_in_json_types(azurite):
    made = ByPartitionKey(azurite)
    await made.make()
    values = {
        "big": EntityProperty(2**63 - 1, EdmType.INT64),
        "small": 7,
        "ratio": 0.1,
        "yes": True,
        "when": datetime(2026, 11, 1, 12, 30, 15, 250000, tzinfo=timezone(timedelta(hours=1))),
        "guid": UUID(HERE),
        "raw": b"\x00\xff",
        "text": "żółw 🐢",
    }
    await made.put([("anna@x.example", HERE, values)])
    fields = [{"name": name, "category": "user"} for name in (*values, "absent", "Timestamp", "RowKey")]
    (found,) = await made.records(
        identifier("anna@x.example"), dataset=made.dataset.model_copy(update={"fields": fields_of(fields)})
    )
    assert datetime.fromisoformat(found.pop("Timestamp")).tzinfo == UTC
    assert found.pop("RowKey").isdigit()
    assert datetime.fromisoformat(found.pop("when")) == values["when"]
    assert json.loads(json.dumps(found)) == {
        "big": "9223372036854775807",
        "small": 7,
        "ratio": 0.1,
        "yes": True,
        "guid": HERE,
        "raw": base64.b64encode(b"\x00\xff").decode(),
        "text": "żółw 🐢",
    }


async def test_named_parts_of_json_text_are_exported_and_others_are_not(azurite):
    made = ByJson(azurite)
    await made.make()
    await made.put([("anna@x.example", HERE, row(1))])
    fields = fields_of([{"name": "doc.tags.owner", "category": "user"}])
    found = await made.records(identifier("anna@x.example"), dataset=made.dataset.model_copy(update={"fields": fields}))
    assert found == [{"doc": {"tags": [{"owner": "someone"}, {"owner": "anna@x.example"}]}}]


async def test_json_text_that_cannot_be_read_is_counted(azurite):
    made = ByJson(azurite)
    await made.make()
    await made.put([("anna@x.example", HERE, row(1))])
    broken = {"PartitionKey": HERE, "RowKey": "x", "tenantId": HERE, "doc": '{"tags": '}
    await made.table.create_entity(broken)
    await made.table.create_entity(broken | {"PartitionKey": ELSEWHERE, "tenantId": ELSEWHERE})
    pages = [page async for page in made.pages(identifier("anna@x.example"))]
    assert [record["number"] for page in pages for record in page.records] == [1]
    assert sum(page.unreadable for page in pages) == 1


async def test_lines_that_cannot_be_read_are_counted_and_the_others_found(azurite):
    made = ByLine(azurite)
    await made.make()
    line = json.dumps({"tenantId": HERE, "from": {"upn": "anna@x.example"}, "number": 1}).encode()
    longest = b'"' + b"x" * (3 * 1024 * 1024) + b'"'
    blob = b"\xef\xbb\xbf" + line + b"\r\n\n{broken\n" + longest + b"\n" + line + b"\n[1]\n\xff\xfe\n" + line
    await made.container.upload_blob("chat/1.jsonl", io.BytesIO(blob))
    await made.container.upload_blob("chat/2.jsonl", b"")
    await made.container.upload_blob("chatter/3.jsonl", line)
    pages = [page async for page in made.pages(identifier("anna@x.example"))]
    assert [record["number"] for page in pages for record in page.records] == [1, 1, 1]
    assert sum(page.unreadable for page in pages) == 3
    for number, page in enumerate(pages[:-1]):
        rest = [
            (list(one.records), one.unreadable)
            async for one in made.pages(identifier("anna@x.example"), position=page.position)
        ]
        assert rest == [(list(one.records), one.unreadable) for one in pages[number + 1 :]]


async def test_numbers_in_json_lose_nothing(azurite):
    made = ByLine(azurite)
    await made.make()
    text = '{"tenantId": "%s", "from": {"upn": "anna@x.example"}, "number": %s, "note": %s}\n'
    exact = "0.12345678901234567890123"
    await made.container.upload_blob("chat/1.jsonl", (text % (HERE, 2**63, exact) + text % (HERE, 1, "0.10")).encode())
    assert await made.records(identifier("anna@x.example")) == [
        {"number": 2**63, "note": exact},
        {"number": 1, "note": 0.1},
    ]


async def test_a_document_that_cannot_be_read_is_counted(azurite):
    made = ByDocument(azurite)
    await made.make()
    await made.container.upload_blob(f"settings/{HERE}/anna@x.example.json", b'{"number": 1,')
    await made.container.upload_blob(f"settings/{HERE}/ben@x.example.json", json.dumps({"number": 2, "tenantId": HERE}))
    pages = [page async for page in made.pages(identifier("anna@x.example"), identifier("ben@x.example"))]
    assert [(list(page.records), page.unreadable) for page in pages] == [([], 1), ([{"number": 2}], 0)]


@pytest.fixture(params=FILE_PLACES, ids=lambda place: place.__name__)
async def file_place(request, azurite):
    made = request.param(azurite)
    made.connector.check(made.service, made.dataset)
    await made.make()
    return made


async def contents(file):
    return b"".join([part async for part in file.open()])


@pytest.mark.parametrize("value", FILE_OWNERS)
async def test_files_come_whole_and_are_theirs_alone(file_place, value):
    large = bytes(range(256)) * 20_000
    await file_place.put_file(value, HERE, "large.pdf", large)
    await file_place.put_file(value, HERE, "empty.pdf", b"")
    await file_place.put_file(value, ELSEWHERE, "theirs.pdf", b"not mine")
    for other in others_like(value):
        await file_place.put_file(other, HERE, "other.pdf", b"not mine")
    found = await file_place.files(identifier(value))
    assert sorted((file.name.rpartition("/")[2].rpartition("-")[2], file.size) for file in found) == [
        ("empty.pdf", 0),
        ("large.pdf", len(large)),
    ]
    for file in found:
        assert len(await contents(file)) == file.size
        assert await contents(file) == (large if file.size else b"")


async def put_files(made, names):
    for name in names:
        if isinstance(made, ByTag):
            tags = {"caller": "c-1", "tenantId": HERE}
            await made.container.upload_blob(f"{name}.wav", b"ring", tags=tags)
        else:
            await made.put_file("c-1", HERE, name, b"ring")


@pytest.mark.parametrize("kind", [*FILE_PLACES, ByTag])
async def test_many_files_come_in_steps_that_another_process_goes_on_from(kind, azurite):
    made = kind(azurite)
    await made.make()
    await put_files(made, [f"{number:03d}" for number in range(2 * FILES_AT_ONCE + 1)])
    asked = identifier("c-1", kind=made.found_by)
    names, position = [], None
    for _ in range(3):
        page = await anext(made.pages(asked, position=position, connector=made.again()))
        assert len(page.files) <= FILES_AT_ONCE
        names += [file.name for file in page.files]
        position = page.position
    assert position is None
    assert len(set(names)) == len(names) == 2 * FILES_AT_ONCE + 1


async def test_media_types_that_a_browser_would_run_are_not_handed_on(file_place):
    for number, kind in enumerate(["text/html", "image/svg+xml", "Text/Plain; charset=utf-8", "application/pdf"]):
        await file_place.put_file("anna@x.example", HERE, f"{number}", b"<script>", kind)
    found = await file_place.files(identifier("anna@x.example"))
    assert sorted(file.media_type for file in found) == [
        "application/octet-stream",
        "application/octet-stream",
        "application/pdf",
        "text/plain",
    ]


async def test_a_file_that_changes_after_it_was_listed_is_asked_for_again(file_place):
    await file_place.put_file("anna@x.example", HERE, "cv.pdf", b"first")
    (file,) = await file_place.files(identifier("anna@x.example"))
    await file_place.container.upload_blob(file.name, b"other", overwrite=True)
    with pytest.raises(Transient, match="changed_meanwhile"):
        await contents(file)
    await file_place.container.delete_blob(file.name)
    with pytest.raises(Transient, match=r"(gone|changed)_meanwhile"):
        await contents(file)


async def test_tagged_files_are_found_inside_the_tenant_their_tag_names(azurite):
    made = ByTag(azurite)
    made.connector.check(made.service, made.dataset)
    await made.make()
    for number, (caller, tenant) in enumerate([("c-1", HERE), ("c-11", HERE), ("c-1", ELSEWHERE), ("c-1", HERE)]):
        await made.container.upload_blob(f"{number}.wav", b"ring", tags={"caller": caller, "tenantId": tenant})
    found = await made.files(identifier("c-1", kind="contact_id"))
    assert sorted(file.name for file in found) == ["0.wav", "3.wav"]
    assert await contents(found[0]) == b"ring"
    assert await made.files(identifier("c-1' OR \"caller\" = 'c-11", kind="contact_id")) == []


async def test_a_file_that_two_ways_find_comes_once(azurite):
    made = ByFolder(azurite)
    second = {"identifier": "email", "how": "metadata", "at": {"prefix": "cv/", "key": "mail"}}
    made.dataset = dataset_of(made.settings(), [*made.dataset.found_by, second])
    made.connector.check(made.service, made.dataset)
    await made.make()
    for name, mail in (
        ("anna@x.example/1", "a@y.example"),
        ("anna@x.example/2", "z"),
        ("ben@x.example/3", "a@y.example"),
    ):
        await made.container.upload_blob(f"cv/{HERE}/{name}", b"", metadata={"tenantId": HERE, "Mail": mail})
    found = await made.files(identifier("anna@x.example"), identifier("a@y.example", kind="email"))
    assert sorted(file.name[-1] for file in found) == ["1", "2", "3"]


@pytest.mark.filterwarnings("ignore:Testing an element's truth value:DeprecationWarning")  # in the SDK
async def test_a_token_that_is_not_for_storage_is_denied_for_good(azurite):
    made = ByPartitionKey(Strangers(azurite))
    made.stores = azurite
    await made.make()
    with pytest.raises(Permanent, match="access_denied"):
        await made.records(identifier("anna@x.example"))


async def test_a_store_that_does_not_answer_may_come_back(azurite):
    made = ByPartitionKey(Strangers(azurite, port=free_port()))
    with pytest.raises(Transient, match="unreachable"):
        await made.records(identifier("anna@x.example"))


def way(how, **at):
    return {"identifier": "upn", "how": how, "at": at}


WAY, OPEN = way("partition_key", key="{tenant}:{value}"), way("property", property="owner")
COVERING = [
    {"name": "profile", "category": "user"},
    {"name": "profile.key", "category": "system", "withhold": {"en": "x", "nl": "x"}},
]
TABLE, CONTAINER = {"table": "t"}, {"container": "c"}


@pytest.mark.parametrize(
    ("kind", "settings", "ways", "changes", "told"),
    [
        pytest.param("azure_tables", {}, [WAY], {}, "settings: exactly `table`", id="no-table"),
        pytest.param("azure_tables", TABLE | {"x": "y"}, [WAY], {}, "settings: exactly `table`", id="odd-setting"),
        pytest.param("azure_tables", TABLE, [way("guess")], {}, "how: guess: known are", id="odd-how"),
        pytest.param(
            "azure_tables", TABLE, [way("row_key", key="{value}")], {}, "at.partition: is missing", id="missing"
        ),
        pytest.param("azure_tables", TABLE, [way("property", property="a b")], {}, "not the name of", id="property"),
        pytest.param(
            "azure_tables", TABLE, [way("property", property="{value}")], {}, "in templates alone", id="template"
        ),
        pytest.param(
            "azure_tables", TABLE, [way("partition_key", key="{who}")], {}, "knows {value} and", id="placeholder"
        ),
        pytest.param(
            "azure_tables", TABLE, [way("property", property="a", fold="upper")], {}, "only be `lower`", id="fold"
        ),
        pytest.param("azure_tables", TABLE, [OPEN], {"tenant_field": None}, "needs {tenant} in a key", id="no-tenant"),
        pytest.param("azure_tables", TABLE, [WAY], {"tenancy": "none"}, "has no tenants", id="tenant-in-none"),
        pytest.param("azure_tables", TABLE, [WAY], {"fields": COVERING}, "is withheld", id="covers-withheld"),
        pytest.param(
            "azure_blobs", CONTAINER, [way("prefix", prefix="cv/{value}")], {}, "end in a slash", id="prefix-trap"
        ),
        pytest.param("azure_blobs", CONTAINER, [way("prefix", prefix="cv/")], {}, "everyone's", id="everyones-files"),
        pytest.param(
            "azure_blobs", CONTAINER, [way("json", name="one.json")], {}, "everyone's", id="everyones-document"
        ),
        pytest.param("azure_blobs", CONTAINER, [way("tag", tag="upn")], {}, "cannot hold an address", id="address-tag"),
        pytest.param(
            "azure_blobs",
            CONTAINER,
            [way("line", prefix="a/", path="b"), way("prefix", prefix="{tenant}/{value}/")],
            {},
            "mixes files, documents and lines",
            id="mixed",
        ),
        pytest.param("memory", {"drawer": "d"}, [way("field")], {}, "at.path: is missing", id="memory"),
    ],
)
def test_a_dataset_that_could_not_be_searched_exactly_is_refused(kind, settings, ways, changes, told):
    dataset = dataset_of(settings, ways, **changes)
    with pytest.raises(DataMapInvalid) as caught:
        discover()[kind](None).check(service_of(kind, dataset), dataset)
    assert str(caught.value).startswith("dataset things: ")
    assert told in str(caught.value)


@pytest.mark.parametrize("kind", sorted(discover()))
def test_a_service_that_names_no_store_is_refused(kind):
    dataset = dataset_of({}, [WAY])
    with pytest.raises(DataMapInvalid, match="service thing-keeper: settings"):
        discover()[kind](None).check(service_of(kind, dataset, {}), dataset)
