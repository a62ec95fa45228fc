"""What an erasure in a SQL database meets: references, locks, columns that must hold something, failures."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import asyncpg
import pytest
from places import HERE, Asked, dataset_of, identifier
from running_postgres import ELSEWHERE as ANOTHER_NAME
from running_postgres import PASSWORD
from sql_places import InPostgres, InSqlite, SqlStores
from sqlalchemy import event

from devhost.ports import free_port
from shared.domain.errors import Permanent, Transient

PRIVATE = "very.private@x.example"
PERSON = identifier(PRIVATE)


@pytest.fixture(params=[InSqlite, InPostgres], ids=["sqlite", "postgresql"])
def empty_place(request):
    return request.param(request.getfixturevalue(request.param.stores_from))


@pytest.fixture
async def place(empty_place):
    await empty_place.make()
    return empty_place


def anonymised(place, fields, **options):
    named = [{"name": name, "category": "user", "anonymise": action} for name, action in fields.items()]
    dataset = dataset_of(place.settings(), place.dataset.found_by, named, **options)
    dataset = dataset.model_copy(update={"erasure": dataset.erasure.model_copy(update={"action": "anonymise"})})
    place.connector.check(place.service, dataset)
    return dataset


async def refuses_with(place, code, kind=Permanent, dataset=None, action="delete"):
    """The erasure fails with this code, says no more, and leaves all as it was."""
    before = await place.dump()
    assert PRIVATE in str(before)
    with pytest.raises(kind, match=f"^{code}$") as caught:
        await place.erase(PERSON, dataset=dataset, action=action)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert await place.dump() == before


async def test_no_statement_holds_a_value_and_no_name_stands_bare(place):
    said = []
    engine = place.stores.sql("spindata").sync_engine

    def hear(_connection, _cursor, statement, *_):
        said.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    await place.put([(PRIVATE, HERE, {"number": 1, "note": "2026-11-23"}), (PRIVATE, HERE, {"number": 2})])
    assert len(await place.records(PERSON)) == 2
    assert await place.count(PERSON) == 2
    named = anonymised(place, {"number": "keep", "note": "month", "owner": "constant"})
    assert await place.erase(PERSON, dataset=named, action="anonymise") == 2
    await place.put([(PRIVATE, HERE, {"number": 3})])
    assert await place.erase(PERSON) == 1
    event.remove(engine, "before_cursor_execute", hear)
    words = " ".join(said)
    assert [verb for verb in ("SELECT count(", "UPDATE ", "DELETE ", "ORDER BY") if verb not in words] == []
    assert [value for value in (PRIVATE, HERE, "2026-11", "erased", "things") if value in words] == []
    assert "tenantId" not in words.replace('"tenantId"', "")


async def test_a_row_that_others_still_refer_to_stays(place):
    await place.put([(PRIVATE, HERE, {"number": 1})])
    ((number, *_),) = await place.dump()
    await place.stores.plainly(
        f"CREATE TABLE of{place.name} (id {place.id_type} PRIMARY KEY REFERENCES {place.name} (id))"
    )
    await place.stores.plainly(f"INSERT INTO of{place.name} VALUES ({place.marks(1)[0]})", [(number,)])
    await refuses_with(place, "still_referenced")
    await place.stores.plainly(f"DELETE FROM of{place.name}")
    assert await place.erase(PERSON) == 1


async def test_months_are_cut_and_each_type_stays_what_it_was(postgres_stores):
    place = InPostgres(postgres_stores)
    await place.make()
    for column, kind in {"at": "TIMESTAMPTZ", "naive": "TIMESTAMP", "day": "DATE", "doc": "JSONB"}.items():
        await place.stores.plainly(f"ALTER TABLE {place.name} ADD {column} {kind}")
    await place.stores.plainly(f"ALTER TABLE {place.name} ADD twice BIGINT GENERATED ALWAYS AS (number * 2) STORED")
    await place.put([(PRIVATE, HERE, {"number": n, "note": "2026-11-23T10:00:00+01:00"}) for n in range(3)])
    await place.stores.plainly(
        f"UPDATE {place.name} SET at = '2026-12-01T00:30:00+01:00', naive = '2026-11-23 12:00', day = '2026-11-23', "
        """doc = '{"kept": 7, "at": "2026-11-23", "gone": "x"}'"""
    )
    fields = {"number": "keep", "note": "month", "at": "month", "naive": "month", "day": "month", "owner": "constant"}
    dataset = anonymised(place, fields | {"doc.kept": "keep", "doc.at": "month"})
    assert await place.erase(PERSON, action="anonymise", dataset=dataset) == 3
    columns = "number, note, at, naive, day, owner, doc, twice, secret, oid"
    assert await place.stores.plainly(f"SELECT {columns} FROM {place.name} ORDER BY number") == [
        (
            number,
            "2026-11-01T00:00:00Z",
            datetime(2026, 11, 1, tzinfo=UTC),
            datetime(2026, 11, 1),  # noqa: DTZ001 - the column has no zone
            date(2026, 11, 1),
            "[erased]",
            '{"at": "2026-11-01", "kept": 7}',
            2 * number,
            None,
            None,
        )
        for number in range(3)
    ]


async def test_a_column_that_must_hold_something_and_is_not_named_stops_the_anonymising(place):
    await place.put([(PRIVATE, HERE, {"number": 1})])
    kind = "INTEGER" if isinstance(place, InSqlite) else "BIGINT"
    await place.stores.plainly(f"ALTER TABLE {place.name} ADD version {kind} NOT NULL DEFAULT 1")
    fields = {"number": "keep", "note": "keep", "owner": "remove"}
    await refuses_with(place, "column_not_null", dataset=anonymised(place, fields), action="anonymise")
    named = anonymised(place, fields | {"version": "keep"})
    assert await place.erase(PERSON, dataset=named, action="anonymise") == 1
    assert PRIVATE not in str(await place.dump())


async def test_a_constant_that_a_column_cannot_hold_is_said(postgres_stores):
    place = InPostgres(postgres_stores)
    await place.make()
    await place.put([(PRIVATE, HERE, {"number": 1})])
    wrong = anonymised(place, {"number": "constant", "owner": "remove"})
    await refuses_with(place, "constant_not_text", dataset=wrong, action="anonymise")


async def test_what_is_still_theirs_is_asked_in_the_very_statement_that_deletes(place):
    await place.put([(PRIVATE, HERE, {"number": number}) for number in range(3)])

    async def meanwhile(_):
        await place.stores.plainly(f"UPDATE {place.name} SET owner = 'ben@x.example' WHERE number = 1")

    assert await place.erase(PERSON, asked=Asked(meanwhile)) == 2
    assert [row[4] for row in await place.dump()] == [1]


async def test_many_erasers_of_the_same_rows_never_wait_in_a_circle(postgres_stores):
    place = InPostgres(postgres_stores)
    await place.make()
    await place.put([(PRIVATE, HERE, {"number": number}) for number in range(3000)])
    counts = await asyncio.gather(*(place.erase(PERSON, connector=place.again()) for _ in range(6)))
    assert sum(counts) == 3000
    assert await place.dump() == []


async def test_a_row_that_is_locked_for_long_may_be_free_later(postgres):
    stores = SqlStores(postgres.url() + "?command_timeout=1")
    place = InPostgres(stores)
    await place.make()
    await place.put([(PRIVATE, HERE, {"number": 1})])
    other = await asyncpg.connect(stores.url.replace("+asyncpg", ""), ssl=False)
    async with other.transaction():
        await other.execute(f"SELECT 1 FROM {place.name} FOR UPDATE")
        await refuses_with(place, "timed_out", Transient)
    await other.close()
    assert await place.erase(PERSON) == 1
    await stores.close()


async def test_a_file_that_is_locked_for_long_may_be_free_later(tmp_path):
    stores = SqlStores(f"sqlite+aiosqlite:///{tmp_path}/locked.sqlite?timeout=0.1")
    place = InSqlite(stores)
    await place.make()
    await place.put([(PRIVATE, HERE, {"number": 1})])
    with closing(sqlite3.connect(stores.file)) as other:
        other.execute("BEGIN IMMEDIATE")
        await refuses_with(place, "busy", Transient)
    assert await place.erase(PERSON) == 1
    await stores.close()


async def test_what_a_file_deletes_is_overwritten(tmp_path):
    stores = SqlStores(f"sqlite+aiosqlite:///{tmp_path}/one.sqlite")
    place = InSqlite(stores)
    await place.make()
    await place.put([(PRIVATE, HERE, {"note": "an intimate note"}), ("ben@x.example", HERE, {"note": "a note"})])
    assert b"intimate" in stores.file.read_bytes()
    assert await place.erase(PERSON) == 1
    await stores.close()
    assert b"intimate" not in stores.file.read_bytes()
    assert PRIVATE.encode() not in stores.file.read_bytes()
    assert b"a note" in stores.file.read_bytes()


async def test_a_file_that_is_no_database_is_said(tmp_path):
    (tmp_path / "odd").write_bytes(b"not a database at all" * 100)
    for where, code in (("odd", "store_damaged"), ("no/folder", "store_missing"), ("new", "store_missing")):
        stores = SqlStores(f"sqlite+aiosqlite:///{tmp_path}/{where}")
        with pytest.raises(Permanent, match=code):
            await InSqlite(stores).count(PERSON)
        await stores.close()


async def test_rights_that_are_missing_are_a_refusal_for_good(postgres_stores, postgres):
    place = InPostgres(postgres_stores)
    await place.make()
    await place.put([(PRIVATE, HERE, {"number": 1})])
    await postgres_stores.plainly(f"CREATE ROLE reader{place.name} LOGIN PASSWORD '{PASSWORD}'")
    stores = SqlStores(postgres.url(user=f"reader{place.name}"))
    before = await place.dump()
    weak = InPostgres(stores)
    weak.name, weak.dataset = place.name, place.dataset
    with pytest.raises(Permanent, match="access_denied"):
        await weak.count(PERSON)
    await postgres_stores.plainly(f"GRANT SELECT ON {place.name} TO reader{place.name}")
    assert await weak.count(PERSON) == 1
    with pytest.raises(Permanent, match="access_denied"):
        await weak.erase(PERSON)
    assert await place.dump() == before
    await postgres_stores.plainly(f"GRANT DELETE ON {place.name} TO reader{place.name}")
    assert await weak.erase(PERSON) == 1
    await stores.close()


@pytest.mark.parametrize(
    ("where", "kind", "code"),
    [
        pytest.param("owner:wrong@127.0.0.1:{port}/postgres", Permanent, "access_denied", id="password"),
        pytest.param("nobody:wrong@127.0.0.1:{port}/postgres", Permanent, "access_denied", id="user"),
        pytest.param("owner:{password}@127.0.0.1:{port}/nowhere", Permanent, "store_missing", id="database"),
        pytest.param("owner:{password}@127.0.0.1:{free}/postgres", Transient, "unreachable", id="nobody-there"),
        pytest.param("owner:{password}@{another}:{port}/postgres", Transient, "unreachable", id="no-tls-elsewhere"),
    ],
)
async def test_a_database_that_does_not_let_us_in_is_told_without_its_words(postgres, where, kind, code):
    told = where.format(port=postgres.port, free=free_port(), password=PASSWORD, another=ANOTHER_NAME)
    stores = SqlStores(f"postgresql+asyncpg://{told}")
    with pytest.raises(kind, match=f"^{code}$") as caught:
        await InPostgres(stores).count(PERSON)
    assert caught.value.__suppress_context__
    await stores.close()


async def test_a_server_that_ends_our_connection_is_asked_again(postgres_stores):
    place = InPostgres(postgres_stores)
    await place.make()
    await place.put([(PRIVATE, HERE, {"number": number}) for number in range(1500)])

    async def ended(times):
        if times == 2:
            await postgres_stores.plainly(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'spinpanel-privacy'"
            )

    assert await place.erase(PERSON, asked=Asked(ended)) == 1500
    assert await place.dump() == []
