"""A SQL database is a store by the name its setting gives it."""

import sqlite3
from contextlib import closing

import pytest
from builders import dataset, service, settings

from shared import wiring
from shared.domain.data_map import Service
from shared.domain.errors import Permanent
from shared.domain.identity import Identifier, Standing

ANNA = Identifier(kind="email", value="anna@x.example", tenant=None, standing=Standing.PROVEN, source="a code")


async def test_the_connector_reads_the_database_that_a_setting_names(tmp_path, monkeypatch):
    with closing(sqlite3.connect(tmp_path / "one.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, email TEXT, note TEXT)")
        connection.execute("INSERT INTO notes (email, note) VALUES ('anna@x.example', 'hers'), ('ben@x', 'his')")
    monkeypatch.setenv("STORE_SPIN_SQL_SQL_URL", f"sqlite+aiosqlite:///{tmp_path}/one.sqlite")
    made = wiring.Services(settings())
    notes = dataset(
        "notes",
        tenancy="none",
        fields=["note"],
        settings={"table": "notes", "key": "id"},
        found_by=[{"identifier": "email", "how": "column", "at": {"column": "email"}}],
    )
    keeper = Service(**service("notes-keeper", notes, connector="sql", settings={"store": "spin-sql"}))
    (held,) = keeper.datasets
    connector = made.connectors["sql"]
    connector.check(keeper, held)
    pages = [page async for page in connector.export(keeper, held, [ANNA])]
    assert [record for page in pages for record in page.records] == [{"note": "hers"}]
    await made.sql.close()
    elsewhere = keeper.model_copy(update={"settings": {"store": "other"}})
    with pytest.raises(Permanent, match="store_unknown"):
        await anext(connector.export(elsewhere, held, [ANNA]))
