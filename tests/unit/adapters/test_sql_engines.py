"""Engines: one for each store, over TLS where the database is elsewhere, signed in without a password in Azure."""

import ssl
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from running_postgres import PASSWORD
from sqlalchemy import make_url, text

from shared.adapters.sql_engines import SqlEngines
from shared.domain.errors import Permanent, Transient

ROOT = Path(__file__).parents[3]


@dataclass
class Credential:
    """Hands out a token; the test's server takes it for a password."""

    token: str | None = PASSWORD
    asked: list = field(default_factory=list)

    async def get_token(self, *scopes, **_):
        self.asked.append(scopes)
        if self.token is None:
            raise ClientAuthenticationError("something about a tenant")
        return AccessToken(self.token, 2**40)


def engines(url, credential=None, name="SPIN_SQL"):
    return SqlEngines({name: url}, lambda: credential)


async def answer(engine):
    async with engine.connect() as connection:
        return (await connection.execute(text("SELECT 40 + 2"))).scalar_one()


async def test_a_store_has_one_engine_until_it_is_closed_and_a_new_one_then(tmp_path):
    held = engines(f"sqlite+aiosqlite:///{tmp_path}/one.sqlite")
    first = held.engine("spin-sql")
    assert held.engine("SPIN_SQL") is first
    assert await answer(first) == 42
    await held.close()
    assert first.pool.checkedin() == 0
    assert held.engine("spin-sql") is not first
    assert await answer(held.engine("spin-sql")) == 42
    await held.close()


def test_a_store_without_an_address_is_said():
    with pytest.raises(Permanent, match="store_unknown"):
        engines("sqlite+aiosqlite:///x").engine("another")


@pytest.mark.parametrize(
    "url",
    ["not a url", "mysql+aiomysql://a:b@c/d", "postgresql://a:secret@c/d", "sqlite:///x", ""],
)
def test_a_database_that_we_cannot_work_with_is_said_without_its_address(url):
    with pytest.raises(Permanent) as caught:
        engines(url).engine("spin-sql")
    assert str(caught.value) == "store_unusable"


async def test_where_no_password_is_given_each_connection_signs_in_with_a_token(postgres):
    credential = Credential()
    held = engines(postgres.url().replace(f":{PASSWORD}", ""), credential)
    assert await answer(held.engine("spin-sql")) == 42
    assert credential.asked == [("https://ossrdbms-aad.database.windows.net/.default",)]
    assert await answer(held.engine("spin-sql")) == 42
    assert len(credential.asked) == 1
    await held.close()
    assert await answer(held.engine("spin-sql")) == 42
    assert len(credential.asked) == 2
    await held.close()


async def test_without_a_token_it_is_tried_again_later(postgres):
    held = engines(postgres.url().replace(f":{PASSWORD}", ""), Credential(None))
    with pytest.raises(Transient, match=r"^no_credential$"):
        await answer(held.engine("spin-sql"))
    await held.close()


async def test_a_password_in_the_address_is_the_one_that_is_used(postgres):
    credential = Credential("wrong")
    held = engines(postgres.url(), credential)
    assert await answer(held.engine("spin-sql")) == 42
    assert credential.asked == []
    await held.close()


@pytest.mark.parametrize(
    ("where", "checked"),
    [
        ("db.example", True),
        ("127.0.0.2", True),
        ("127.0.0.1.example", True),
        ("127.0.0.1/x?host=db.example", True),
        ("127.0.0.1/x?host=127.0.0.1&host=db.example", True),
        ("db.example/x?ssl=disable", True),
        ("127.0.0.1", False),
        ("[::1]:5432", False),
        ("localhost", False),
        ("/x?host=/run/postgresql", False),
    ],
)
def test_a_database_elsewhere_must_prove_who_it_is(where, checked):
    asked = engines("sqlite+aiosqlite:///x")._postgresql(make_url(f"postgresql+asyncpg://a:b@{where}"))
    assert ("ssl" in asked) == checked
    if checked:
        assert asked["ssl"].verify_mode is ssl.CERT_REQUIRED
        assert asked["ssl"].check_hostname


def test_a_process_that_closes_nothing_still_ends(tmp_path):
    program = f"""
import asyncio
from sqlalchemy import text
from shared.adapters.sql_engines import SqlEngines
held = SqlEngines({{"ONE": "sqlite+aiosqlite:///{tmp_path}/one.sqlite"}}, lambda: None)
async def main():
    async with held.engine("one").connect() as connection:
        print((await connection.execute(text("SELECT 42"))).scalar_one())
asyncio.run(main())
"""
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False, cwd=ROOT
    )
    assert (told.returncode, told.stdout) == (0, "42\n"), told.stderr


def test_the_connector_and_its_check_load_no_database_library():
    program = "import sys, shared.connectors; shared.connectors.discover(); import shared.adapters.sql_engines; "
    told = subprocess.run(
        [sys.executable, "-c", program + "print('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=ROOT,
    )
    loaded = told.stdout.split()
    assert "shared.connectors.sql" in loaded
    assert [name for name in loaded if name.startswith(("sqlalchemy", "asyncpg", "aiosqlite", "greenlet"))] == []
