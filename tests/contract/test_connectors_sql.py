"""What only a SQL database can get wrong: types, collations, keys, references, locks."""

import base64
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from places import ELSEWHERE, HERE, dataset_of, fields_of, identifier
from sql_places import InPostgres, InSqlite

from shared.domain.errors import Permanent

ANNA = "anna@x.example"


@pytest.fixture(params=[InSqlite, InPostgres], ids=["sqlite", "postgresql"])
def empty_place(request):
    return request.param(request.getfixturevalue(request.param.stores_from))


@pytest.fixture
async def place(empty_place):
    await empty_place.make()
    return empty_place


async def found(place, *identifiers, dataset):
    place.connector.check(place.service, dataset)
    return await place.records(*identifiers, dataset=dataset)


def found_by(place, column, kind="upn", fields=("number",), **changes):
    ways = [{"identifier": kind, "how": "column", "at": {"column": column}}]
    named = [one if isinstance(one, dict) else {"name": one, "category": "user"} for one in fields]
    return dataset_of(place.settings() | changes.pop("settings", {}), ways, named, **changes)


async def test_postgresql_values_keep_everything_in_json_types(postgres_stores):
    place = InPostgres(postgres_stores)
    columns = {
        "big": ("BIGINT", 2**63 - 1, str(2**63 - 1)),
        "small": ("SMALLINT", -7, -7),
        "ratio": ("DOUBLE PRECISION", 0.1, 0.1),
        "nan": ("REAL", float("nan"), "nan"),
        "exact": ("NUMERIC", Decimal("0.12345678901234567890"), "0.12345678901234567890"),
        "yes": ("BOOLEAN", True, True),
        "at": (
            "TIMESTAMPTZ",
            datetime(2026, 11, 1, 0, 30, 15, 250000, tzinfo=timezone(timedelta(hours=1))),
            "2026-10-31T23:30:15.250000Z",
        ),
        "naive": ("TIMESTAMP", datetime(2026, 11, 1, 12, 0), "2026-11-01T12:00:00Z"),  # noqa: DTZ001 - that is the point
        "day": ("DATE", date(2026, 11, 1), "2026-11-01"),
        "guid": ("UUID", UUID(HERE), HERE),
        "raw": ("BYTEA", b"\x00\xff", base64.b64encode(b"\x00\xff").decode()),
        "doc": ("JSONB", '{"a": [1, 0.12345678901234567890]}', {"a": [1, "0.12345678901234567890"]}),
        "tags": ("TEXT[]", ["żółw", 'a"b'], ["żółw", 'a"b']),
        "for_long": ("INTERVAL", timedelta(days=2, hours=1), "2 days 01:00:00"),
        "address": ("INET", "10.0.0.1", "10.0.0.1"),
        "text": ("TEXT", "żółw 🐢", "żółw 🐢"),
        "absent": ("TEXT", None, None),
    }
    made = ", ".join(f"{name} {kind}" for name, (kind, _, _) in columns.items())
    await place.stores.plainly(f"CREATE TABLE {place.name} (id INTEGER PRIMARY KEY, owner TEXT, {made})")
    marks = ", ".join(f"${number}" for number in range(1, len(columns) + 3))
    await place.stores.plainly(
        f"INSERT INTO {place.name} VALUES ({marks})", [(1, ANNA, *(value for _, value, _ in columns.values()))]
    )
    dataset = found_by(place, "owner", fields=columns, tenancy="none", tenant_field=None)
    (record,) = await found(place, identifier(ANNA), dataset=dataset)
    assert json.loads(json.dumps(record)) == {name: told for name, (_, _, told) in columns.items() if told is not None}


async def test_sqlite_values_keep_everything_in_json_types(sqlite_stores):
    place = InSqlite(sqlite_stores)
    await place.stores.plainly(
        f"CREATE TABLE {place.name} "
        "(id INTEGER PRIMARY KEY, owner, big, ratio, raw, at TIMESTAMP, odd DATETIME, doc JSON)"
    )
    values = (1, ANNA, 2**63 - 1, 0.1, b"\x00\xff", "2026-11-01 01:30:00+01:00", "last week", '{"a": 1}')
    await place.stores.plainly(f"INSERT INTO {place.name} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [values])
    fields = ("big", "ratio", "raw", "at", "odd", "doc")
    dataset = found_by(place, "owner", fields=fields, tenancy="none", tenant_field=None)
    assert await found(place, identifier(ANNA), dataset=dataset) == [
        {
            "big": str(2**63 - 1),
            "ratio": 0.1,
            "raw": base64.b64encode(b"\x00\xff").decode(),
            "at": "2026-11-01T00:30:00Z",
            "odd": "last week",
            "doc": {"a": 1},
        }
    ]


@pytest.mark.parametrize(
    ("kind", "mine", "others", "value"),
    [
        pytest.param("UUID", UUID(HERE), [UUID(ELSEWHERE)], HERE, id="uuid"),
        pytest.param("BIGINT", 42, [420, 4, -42], "42", id="integer"),
        pytest.param("NUMERIC", Decimal(42), [Decimal("42.5")], "42", id="decimal"),
        pytest.param("VARCHAR(40)", "C-1", ["c-1", "C-11", "C-1 "], "C-1", id="text"),
        pytest.param("CHAR(8)", "C-1", ["c-1", "C-11"], "C-1", id="padded"),
        pytest.param('TEXT COLLATE "sloppy"', "C-1", ["c-1", "C-11"], "C-1", id="case-blind-collation"),
        pytest.param("feeling", "glad", ["sad"], "glad", id="enum"),
        pytest.param("mailbox", "C-1", ["c-1"], "C-1", id="domain"),
    ],
)
async def test_postgresql_columns_of_every_type_are_compared_exactly(postgres_stores, kind, mine, others, value):
    place = InPostgres(postgres_stores)
    for made in (
        "COLLATION IF NOT EXISTS sloppy (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        f"TABLE {place.name} (id INTEGER PRIMARY KEY, number INTEGER, who TEXT)",
    ):
        await place.stores.plainly(f"CREATE {made}")
    for made in ("TYPE feeling AS ENUM ('glad', 'sad')", "DOMAIN mailbox AS TEXT"):
        if made.split()[1] == kind:
            await place.stores.plainly(f"CREATE {made}")
    rows = [(number, number, str(one)) for number, one in enumerate([mine, *others, mine], 1)]
    await place.stores.plainly(f"INSERT INTO {place.name} VALUES ($1, $2, $3)", rows)
    await place.stores.plainly(f"ALTER TABLE {place.name} ALTER who TYPE {kind} USING who::{kind.split(' COLLATE')[0]}")
    dataset = found_by(place, "who", "contact_id", tenancy="none", tenant_field=None)
    records = await found(place, identifier(value, kind="contact_id"), dataset=dataset)
    assert [one["number"] for one in records] == [1, len(rows)]
    for odd in ("not of this type", "042", "{" + value + "}", str(2**80)):
        if kind != "feeling":
            assert await found(place, identifier(odd, kind="contact_id"), dataset=dataset) == []


@pytest.mark.parametrize(
    ("kind", "mine", "others", "value"),
    [
        pytest.param("TEXT COLLATE NOCASE", "C-1", ["c-1"], "C-1", id="case-blind-collation"),
        pytest.param("INTEGER", 42, [420], "42", id="integer"),
        pytest.param("INTEGER", 42, [420], "042", id="integer-written-otherwise"),
        pytest.param("", b"C-1", [], "C-1", id="binary"),
    ],
)
async def test_sqlite_columns_of_every_type_are_compared_exactly(sqlite_stores, kind, mine, others, value):
    place = InSqlite(sqlite_stores)
    await place.stores.plainly(f"CREATE TABLE {place.name} (id INTEGER PRIMARY KEY, number INTEGER, who {kind})")
    rows = [(number, one) for number, one in enumerate([mine, *others], 1)]
    await place.stores.plainly(f"INSERT INTO {place.name} (number, who) VALUES (?, ?)", rows)
    dataset = found_by(place, "who", "contact_id", tenancy="none", tenant_field=None)
    records = await found(place, identifier(value, kind="contact_id"), dataset=dataset)
    assert [one["number"] for one in records] == ([1] if str(mine) == value else [])


async def test_a_tenant_in_capitals_is_the_same_tenant(place):
    await place.put([(ANNA, HERE.upper(), {"number": 1}), (ANNA, ELSEWHERE, {"number": 2})])
    assert [one["number"] for one in await place.records(identifier(ANNA))] == [1]


async def test_a_row_that_several_ways_and_columns_find_counts_once(place):
    await place.put([(ANNA, HERE, {"number": n, "oid": "o-1"}) for n in range(3)])
    second = {"identifier": "contact_id", "how": "column", "at": {"column": "oid"}}
    dataset = place.dataset.model_copy(
        update={"found_by": dataset_of({"table": "t"}, [second]).found_by + place.dataset.found_by}
    )
    who = (identifier(ANNA), identifier("o-1", kind="contact_id"))
    counted = [one async for one in place.connector.count(place.service, dataset, who)]
    assert [(one.count, one.position) for one in counted] == [(3, None)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"found_by": "nowhere"}, "column_missing", id="way"),
        pytest.param({"fields": ("nowhere",)}, "column_missing", id="field"),
        pytest.param({"tenant_field": "nowhere"}, "column_missing", id="tenant"),
        pytest.param({"settings": {"key": "nowhere"}}, "column_missing", id="key"),
        pytest.param({"settings": {"table": "nowhere"}}, "store_missing", id="table"),
        pytest.param({"settings": {"schema": "nowhere"}}, "store_missing", id="schema"),
    ],
)
async def test_what_the_table_does_not_have_is_said_by_name(place, changes, code):
    await place.put([("nowhere", HERE, {"number": 1})])
    told = {"found_by": "owner", **changes}
    with pytest.raises(Permanent, match=code):
        await found(place, identifier("nowhere"), dataset=found_by(place, told.pop("found_by"), **told))


async def test_a_key_that_is_none_is_refused_before_rows_are_passed_over(place):
    await place.put([(ANNA, HERE, {"number": 1}), (ANNA, HERE, {"number": 1}), (ANNA, HERE, {})])
    with pytest.raises(Permanent, match=r"key_(not_unique|nullable)"):
        await found(place, identifier(ANNA), dataset=found_by(place, "owner", settings={"key": "number"}))


async def test_a_key_of_two_columns_is_gone_on_after_page_by_page(place):
    key = "who" if isinstance(place, InPostgres) else '"who"'
    await place.stores.plainly(
        f"CREATE TABLE two{place.name} (at {'TIMESTAMPTZ' if key == 'who' else 'TEXT'}, {key} TEXT, owner TEXT, "
        "number BIGINT, PRIMARY KEY (at, who))"
    )
    first = datetime(2026, 11, 1, tzinfo=UTC)
    rows = [(first + timedelta(microseconds=n // 50), f"w{n}", (ANNA, "ben")[n % 3 == 0], n) for n in range(3700)]
    if key != "who":
        rows = [(at.isoformat(), *rest) for at, *rest in rows]
    marks = ", ".join(place.marks(4))
    await place.stores.plainly(f"INSERT INTO two{place.name} VALUES ({marks})", rows)
    dataset = found_by(
        place, "owner", settings={"table": f"two{place.name}", "key": "at, who"}, tenancy="none", tenant_field=None
    )
    place.connector.check(place.service, dataset)
    pages = [page async for page in place.pages(identifier(ANNA), dataset=dataset)]
    numbers = [record["number"] for page in pages for record in page.records]
    assert sorted(numbers) == [n for n in range(3700) if n % 3]
    rest = await place.records(identifier(ANNA), dataset=dataset, position=pages[1].position)
    assert [one["number"] for one in rest] == [one["number"] for page in pages[2:] for one in page.records]
    steps = [step async for step in place.erasing(identifier(ANNA), dataset=dataset)]
    assert sum(step.count for step in steps) == len(numbers)
    assert len(await place.stores.plainly(f"SELECT 1 FROM two{place.name}")) == 3700 - len(numbers)


@pytest.mark.parametrize("kind", ["CHAR(40)", "VARCHAR(40)", "BIGINT", "TIMESTAMP", "DATE", "UUID"])
async def test_keys_of_every_type_lead_on(postgres_stores, kind):
    place = InPostgres(postgres_stores)
    await place.stores.plainly(f"CREATE TABLE {place.name} (id {kind} PRIMARY KEY, number BIGINT, owner TEXT)")
    made = {
        "BIGINT": "(1::bigint << 60) + n",
        "TIMESTAMP": "timestamp '2026-11-01' + n * interval '1 microsecond'",
        "DATE": "date '2026-11-01' + n",
        "UUID": "md5(n::text)::uuid",
    }.get(kind, "'key ' || n")
    await place.stores.plainly(
        f"INSERT INTO {place.name} SELECT {made}, n, CASE WHEN n % 9 = 0 THEN 'ben' ELSE '{ANNA}' END "
        "FROM generate_series(1, 1350) AS n"
    )
    dataset = found_by(place, "owner", tenancy="none", tenant_field=None)
    place.connector.check(place.service, dataset)
    pages = [page async for page in place.pages(identifier(ANNA), dataset=dataset)]
    assert sorted(one["number"] for page in pages for one in page.records) == [n for n in range(1, 1351) if n % 9]
    rest = await place.records(identifier(ANNA), dataset=dataset, position=pages[0].position)
    assert rest == [one for page in pages[1:] for one in page.records]
    assert await place.erase(identifier(ANNA), dataset=dataset) == 1200
    assert len(await place.dump()) == 150


async def test_a_key_that_no_search_can_go_on_after_is_refused(postgres_stores):
    place = InPostgres(postgres_stores)
    await place.stores.plainly(f"CREATE TABLE {place.name} (id NUMERIC PRIMARY KEY, number BIGINT, owner TEXT)")
    with pytest.raises(Permanent, match="key_type"):
        await found(place, identifier(ANNA), dataset=found_by(place, "owner", tenancy="none", tenant_field=None))


@pytest.mark.parametrize(
    ("asked", "held"),
    [("strasse@x.example", "straße@x.example"), ("james@x.example", "jameſ@x.example")],
)
async def test_what_differs_by_more_than_case_stays_two_people_s(place, asked, held):
    way = {"identifier": "upn", "how": "column", "at": {"column": "owner", "fold": "lower"}}
    dataset = dataset_of(place.settings(), [way])
    await place.put([(asked.title(), HERE, {"number": 1}), (held.title(), HERE, {"number": 2})])
    assert [one["number"] for one in await found(place, identifier(asked), dataset=dataset)] == [1]
    assert [one["number"] for one in await found(place, identifier(held), dataset=dataset)] == [2]


async def test_a_table_in_a_schema_of_its_own_is_found_there_alone(postgres_stores):
    place = InPostgres(postgres_stores)
    await place.make()
    await place.put([(ANNA, HERE, {"number": 1})])
    await place.stores.plainly("CREATE SCHEMA IF NOT EXISTS apart")
    await place.stores.plainly(f"CREATE TABLE apart.{place.name} AS SELECT * FROM {place.name}")
    await place.stores.plainly(f"ALTER TABLE apart.{place.name} ADD PRIMARY KEY (id)")
    await place.stores.plainly(f"UPDATE apart.{place.name} SET number = 2")
    apart = place.dataset.model_copy(update={"settings": place.settings() | {"schema": "apart"}})
    assert [one["number"] for one in await place.records(identifier(ANNA))] == [1]
    assert [one["number"] for one in await found(place, identifier(ANNA), dataset=apart)] == [2]
    assert [step.count async for step in place.erasing(identifier(ANNA), dataset=apart)] == [1]
    assert len(await place.dump()) == 1


async def test_large_rows_come_in_small_pages(place):
    note = "x" * 300_000
    await place.put([(ANNA, HERE, {"number": n, "note": note}) for n in range(140)])
    pages = [page async for page in place.pages(identifier(ANNA))]
    assert sum(len(page.records) for page in pages) == 140
    assert max(len(page.records) for page in pages[1:]) <= 15


async def test_json_that_cannot_be_read_is_counted(place):
    await place.put([(ANNA, HERE, {"number": 1, "note": '{"a": {"b": 1}}'}), (ANNA, HERE, {"number": 2, "note": "{"})])
    fields = fields_of([{"name": "number", "category": "user"}, {"name": "note.a.b", "category": "user"}])
    pages = [
        p async for p in place.pages(identifier(ANNA), dataset=place.dataset.model_copy(update={"fields": fields}))
    ]
    assert [record for page in pages for record in page.records] == [{"number": 1, "note": {"a": {"b": 1}}}]
    assert sum(page.unreadable for page in pages) == 1
