"""What a store has types, versions and encodings for stays as it is when one field of it is corrected."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from azure.data.tables import EdmType, EntityProperty, UpdateMode
from places import HERE, Asked, ByDocument, ByJson, ByLine, ByPartitionKey, dataset_of, fields_of, identifier
from sql_places import InPostgres, InSqlite
from sqlalchemy import event

from shared.domain.errors import Permanent

ANNA = identifier("anna@x.example")
EDM = {
    "small": (7, "8", 8),
    "large": (EntityProperty(2**40, EdmType.INT64), str(2**41), EntityProperty(2**41, EdmType.INT64)),
    "part": (1.5, "2", 2.0),
    "whole": (EntityProperty(3.0, EdmType.DOUBLE), "4", 4.0),
    "truth": (True, "false", False),
    "text": ("a", "12", "12"),
    "at": (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2027-02-03T05:04:05+01:00", "2027-02-03T04:04:05Z"),
    "guid": (UUID(int=1), str(UUID(int=2)), UUID(int=2)),
}


def at_first(do):
    async def then(times):
        if times == 1:
            await do()

    return Asked(then)


async def table_place(azurite, row):
    place = ByPartitionKey(azurite)
    place.dataset = dataset_of(
        place.settings(), place.dataset.found_by, [{"name": name, "category": "user"} for name in row]
    )
    await place.make()
    await place.put([("anna@x.example", HERE, row)])
    return place


@pytest.mark.parametrize("name", EDM)
async def test_a_property_keeps_its_type(azurite, name):
    place = await table_place(azurite, {key: before for key, (before, _, _) in EDM.items()})
    before = dict((await place.dump())[0])
    _, given, after = EDM[name]
    assert await place.rectify(ANNA, values={name: given}) == 1
    held = dict((await place.dump())[0])
    wanted = datetime(2027, 2, 3, 4, 4, 5, tzinfo=UTC) if name == "at" else after
    assert held[name] == wanted
    assert type(held[name]) is type(before[name])
    unchanged = before.keys() - {name, "etag"}
    assert {key: held[key] for key in unchanged} == {key: before[key] for key in unchanged}
    again = Asked()
    assert await place.rectify(ANNA, values={name: given}, asked=again) == 1
    assert dict((await place.dump())[0])["etag"] == held["etag"]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("small", "many"),
        ("small", str(2**31)),
        ("large", str(2**63)),
        ("part", "half"),
        ("truth", "perhaps"),
        ("at", "yesterday"),
        ("guid", "anna"),
        ("raw", "YQ=="),
    ],
)
async def test_a_property_of_another_type_is_refused(azurite, name, given):
    place = await table_place(azurite, {key: before for key, (before, _, _) in EDM.items()} | {"raw": b"a"})
    before = await place.dump()
    with pytest.raises(Permanent, match=r"^value_does_not_fit$"):
        await place.rectify(ANNA, values={name: given})
    assert await place.dump() == before


@pytest.mark.parametrize("key", ["PartitionKey", "RowKey", "Timestamp"])
async def test_a_key_of_a_row_never_changes(azurite, key):
    place = await table_place(azurite, {"text": "a"})
    with pytest.raises(Permanent, match=r"^field_is_a_key$"):
        await place.rectify(ANNA, values={key: "b"})


async def test_a_property_that_a_row_does_not_have_yet_is_added(azurite):
    place = await table_place(azurite, {"text": "a"})
    assert await place.rectify(ANNA, values={"phone": "+31 6"}) == 1
    (row,) = await place.dump()
    assert (row["phone"], row["text"]) == ("+31 6", "a")


async def test_a_row_that_changes_meanwhile_keeps_what_others_wrote(azurite):
    place = await table_place(azurite, {"text": "a", "other": "before"})
    (row,) = await place.dump()

    async def others_write():
        keys = {"PartitionKey": row["PartitionKey"], "RowKey": row["RowKey"]}
        await place.table.update_entity(keys | {"other": "after"}, mode=UpdateMode.MERGE)

    assert await place.rectify(ANNA, values={"text": "b"}, asked=at_first(others_write)) == 1
    (row,) = await place.dump()
    assert (row["text"], row["other"]) == ("b", "after")


async def test_a_part_of_json_in_a_property_changes_to_the_byte(azurite):
    place = ByJson(azurite)
    await place.make()
    await place.put([("anna@x.example", HERE, {})])
    (row,) = await place.dump()
    text = '{ "tags":[{"owner":"anna@x.example"}], "price":1.10, "name":"a" }'
    await place.table.update_entity(
        {"PartitionKey": row["PartitionKey"], "RowKey": row["RowKey"], "doc": text}, mode=UpdateMode.MERGE
    )
    assert await place.rectify(ANNA, values={"doc.name": "b"}) == 1
    assert (await place.dump())[0]["doc"] == text.replace('"a"', '"b"')
    with pytest.raises(Permanent, match=r"^field_is_a_key$"):
        await place.rectify(ANNA, values={"doc.tags.owner": "b@x.example"})
    with pytest.raises(Permanent, match=r"^field_is_a_key$"):
        await place.rectify(ANNA, values={"doc": "{}"})


async def test_a_line_is_changed_to_the_byte_whatever_stands_around_it(azurite):
    place = ByLine(azurite)
    await place.make()
    hers = f'{{ "from":{{"upn":"anna@x.example"}},"tenantId":"{HERE}" , "price":1.10,"note":"a" }}'.encode()
    others = f'{{"from":{{"upn":"ben@x.example"}},"tenantId":"{HERE}","note":"a"}}'.encode()
    around = [b"\xef\xbb\xbf" + hers, b"", b"{broken", others, hers + b"\r", hers]
    await place.container.upload_blob("chat/1.jsonl", b"\n".join(around), metadata={"a": "b"})
    assert await place.rectify(ANNA, values={"note": "zoë"}) == 3
    data = await (await place.container.get_blob_client("chat/1.jsonl").download_blob()).readall()
    assert data == b"\n".join(around).replace(hers, hers.replace(b'"a"', b'"zo\\u00eb"'))
    kept = await place.container.get_blob_client("chat/1.jsonl").get_blob_properties()
    assert kept.metadata == {"a": "b"}


async def test_lines_that_are_written_meanwhile_are_read_again(azurite):
    place = ByLine(azurite)
    await place.make()
    await place.put([("anna@x.example", HERE, {"note": "a"})])
    (name,) = [blob.name async for blob in place.container.list_blobs()]

    async def others_write():
        held = await (await place.container.get_blob_client(name).download_blob()).readall()
        await place.container.upload_blob(name, held + held, overwrite=True)

    assert await place.rectify(ANNA, values={"note": "b"}, asked=at_first(others_write)) == 2
    assert [one["note"] for one in await place.records(ANNA, dataset=place.dataset)] == ["b", "b"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
async def test_a_document_keeps_its_encoding_and_others_objects_in_it(azurite, encoding):
    place = ByDocument(azurite)
    await place.make()
    text = f'[{{"note": "a", "tenantId": "{HERE}"}} ,{{"note": "a", "tenantId": "elsewhere", "price": 1.10}}]'
    name = f"settings/{HERE}/anna@x.example.json"
    await place.container.upload_blob(name, text.encode(encoding))
    assert await place.rectify(ANNA, values={"note": "b"}) == 1
    data = await (await place.container.get_blob_client(name).download_blob()).readall()
    assert data == text.replace('"a"', '"b"', 1).encode(encoding)


async def test_a_document_of_theirs_that_cannot_be_read_is_said(azurite):
    place = ByDocument(azurite)
    await place.make()
    await place.container.upload_blob(f"settings/{HERE}/anna@x.example.json", b'{"note": "a",')
    with pytest.raises(Permanent, match=r"^unreadable_items$"):
        await place.rectify(ANNA, values={"note": "b"})


LOCAL = datetime(2027, 2, 3, 4, 4, 5, tzinfo=UTC).replace(tzinfo=None)
POSTGRES = {
    "small": ("INTEGER", 7, "8", 8),
    "part": ("DOUBLE PRECISION", 1.5, "2", 2.0),
    "money": ("NUMERIC(10,2)", Decimal("1.10"), "2.5", Decimal("2.50")),
    "truth": ("BOOLEAN", True, "false", False),
    "day": ("DATE", date(2026, 1, 2), "2027-02-03", date(2027, 2, 3)),
    "at": (
        "TIMESTAMPTZ",
        datetime(2026, 1, 2, tzinfo=UTC),
        "2027-02-03T05:04:05+01:00",
        datetime(2027, 2, 3, 4, 4, 5, tzinfo=UTC),
    ),
    "local": ("TIMESTAMP", LOCAL.replace(year=2026), "2027-02-03T04:04:05Z", LOCAL),
    "guid": ("UUID", UUID(int=1), str(UUID(int=2)), UUID(int=2)),
    "nothing": ("DATE", None, "2027-02-03", date(2027, 2, 3)),
    "doc.a": ("JSONB", '{"a": 1, "b": 1.10}', "2", None),
    "text.a": ("TEXT", '{ "a":1, "b":1.10 }', "2", '{ "a":2, "b":1.10 }'),
}


async def postgres_place(stores):
    place = InPostgres(stores)
    columns = {name.partition(".")[0]: kind for name, (kind, *_) in POSTGRES.items()}
    typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    await stores.plainly(f'CREATE TABLE {place.name} (id UUID PRIMARY KEY, "tenantId" TEXT, owner TEXT, {typed})')
    marks = ", ".join(f"${number}" for number in range(1, len(columns) + 4))
    row = (place.fresh_id(), HERE, "anna@x.example", *[before for _, before, *_ in POSTGRES.values()])
    await stores.plainly(
        f'INSERT INTO {place.name} (id, "tenantId", owner, {", ".join(columns)}) VALUES ({marks})', [row]
    )
    place.dataset = dataset_of(
        place.settings(), place.dataset.found_by, [{"name": name, "category": "user"} for name in POSTGRES]
    )
    return place


@pytest.mark.parametrize("name", POSTGRES)
async def test_a_column_keeps_its_type(postgres_stores, name):
    place = await postgres_place(postgres_stores)
    kind, _, given, after = POSTGRES[name]
    assert await place.rectify(ANNA, values={name: given}) == 1
    column = name.partition(".")[0]
    ((held,),) = await place.stores.plainly(f"SELECT {column} FROM {place.name}")
    assert json.loads(held) == {"a": 2, "b": 1.1} if kind == "JSONB" else held == after
    assert await place.rectify(ANNA, values={name: given}) == 1


@pytest.mark.parametrize(
    ("name", "given"),
    [("small", "many"), ("money", "NaN"), ("truth", "perhaps"), ("day", "soon"), ("at", "soon"), ("guid", "anna")],
)
async def test_a_value_of_another_type_is_refused_before_the_database_sees_it(postgres_stores, name, given):
    place = await postgres_place(postgres_stores)
    before = await place.dump()
    with pytest.raises(Permanent, match=r"^value_does_not_fit$"):
        await place.rectify(ANNA, values={name: given})
    assert await place.dump() == before


@pytest.fixture(params=[InSqlite, InPostgres], ids=["sqlite", "postgresql"])
def empty_place(request):
    return request.param(request.getfixturevalue(request.param.stores_from))


@pytest.fixture
async def place(empty_place):
    await empty_place.make()
    return empty_place


async def test_the_key_of_a_table_never_changes(place):
    await place.put([("anna@x.example", HERE, {"number": 1})])
    before = await place.dump()
    with pytest.raises(Permanent, match=r"^field_is_a_key$"):
        await place.rectify(ANNA, values={"id": "1"})
    assert await place.dump() == before


async def test_what_no_column_holds_is_refused(place):
    await place.put([("anna@x.example", HERE, {"number": 1})])
    with pytest.raises(Permanent, match=r"^column_missing$"):
        await place.rectify(ANNA, values={"nowhere": "1"})


async def test_json_that_others_change_meanwhile_is_not_written_over(place):
    place.dataset = dataset_of(
        place.settings(), place.dataset.found_by, fields_of([{"name": "note.a", "category": "user"}])
    )
    await place.put([("anna@x.example", HERE, {"number": 1, "note": '{"a": 1, "b": 1}'})])

    async def others_write():
        await place.stores.plainly(f'UPDATE {place.name} SET note = \'{{"a": 1, "b": 2}}\'')

    assert await place.rectify(ANNA, values={"note.a": "5"}, asked=at_first(others_write)) == 0
    assert await place.rectify(ANNA, values={"note.a": "5"}) == 1
    ((held,),) = await place.stores.plainly(f"SELECT note FROM {place.name}")
    assert held == '{"a": 5, "b": 2}'


async def test_no_statement_holds_a_value(place):
    said = []
    engine = place.stores.sql("spindata").sync_engine

    def hear(_connection, _cursor, statement, *_):
        said.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    await place.put([("anna@x.example", HERE, {"number": 1, "note": "intimate"})])
    assert await place.rectify(ANNA, values={"note": "delicate"}) == 1
    event.remove(engine, "before_cursor_execute", hear)
    words = " ".join(said)
    assert "UPDATE " in words
    assert [value for value in ("delicate", "intimate", "anna@x.example", HERE) if value in words] == []
