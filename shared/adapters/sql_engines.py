"""Engines of the SQL databases that the data map names: SQLite and PostgreSQL, one small pool each."""

import logging
import ssl
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from azure.core.credentials_async import AsyncTokenCredential

from shared.domain.errors import Permanent, Transient

if TYPE_CHECKING:
    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

_SCOPE = "https://ossrdbms-aad.database.windows.net/.default"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CONNECT_WITHIN = 10.0
_ANSWER_WITHIN = 60.0
_LOCKED_FOR = 5.0
_POOL: dict[str, Any] = {"pool_size": 2, "max_overflow": 6, "pool_timeout": 10, "pool_recycle": 1800}


class SqlEngines:
    """Engines by the name of their store, each built at its first use. What this builds, `close` closes.

    What a URL says of timeouts goes before ours; that a database elsewhere is spoken to over TLS no URL can change.
    Where a PostgreSQL URL holds no password, each new connection signs in with a fresh token of the credential.
    """

    def __init__(self, urls: Mapping[str, str], credential: Callable[[], AsyncTokenCredential]) -> None:
        self._urls = {name.upper(): url for name, url in urls.items()}
        self._credential = credential
        self._built: dict[str, AsyncEngine] = {}

    def engine(self, store: str) -> "AsyncEngine":
        """Return the engine of a store.

        Raises:
            Permanent: `store_unknown`, no address is set for it, or `store_unusable`, it is not one we can work with.
        """
        name = store.upper().replace("-", "_")
        if name not in self._urls:
            raise Permanent("store_unknown")
        if name not in self._built:
            self._built[name] = self._build(self._urls[name])
        return self._built[name]

    async def close(self) -> None:
        """Close every connection; what is asked for anew works again."""
        built, self._built = list(self._built.values()), {}
        for engine in built:
            await engine.dispose()

    def _build(self, address: str) -> "AsyncEngine":
        from sqlalchemy import event, make_url
        from sqlalchemy.exc import ArgumentError
        from sqlalchemy.ext.asyncio import create_async_engine

        try:
            url = make_url(address)
        except ArgumentError:
            raise Permanent("store_unusable") from None
        if url.drivername == "sqlite+aiosqlite":
            logging.getLogger("aiosqlite").setLevel(logging.WARNING)  # it would write down values
            connect: dict[str, Any] = {"timeout": _LOCKED_FOR}
        elif url.drivername == "postgresql+asyncpg":
            connect = self._postgresql(url)
        else:
            raise Permanent("store_unusable")
        ours = {name: value for name, value in connect.items() if name == "ssl" or name not in url.query}
        engine = create_async_engine(
            url, hide_parameters=True, pool_pre_ping=True, pool_use_lifo=True, connect_args=ours, **_POOL
        )
        if url.drivername == "sqlite+aiosqlite":
            event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        return engine

    def _postgresql(self, url: "URL") -> dict[str, Any]:
        connect: dict[str, Any] = {
            "timeout": _CONNECT_WITHIN,
            "command_timeout": _ANSWER_WITHIN,
            "server_settings": {"application_name": "spinpanel-privacy", "timezone": "UTC"},
        }
        if not _is_local(url):
            connect["ssl"] = ssl.create_default_context()
        if url.password is None:
            connect["password"] = self._token
        return connect

    async def _token(self) -> str:
        from azure.core.exceptions import AzureError

        try:
            return (await self._credential().get_token(_SCOPE)).token
        except AzureError:
            raise Transient("no_credential") from None


def _is_local(url: "URL") -> bool:
    """Tell whether the database is on this machine: loopback, or a socket's folder."""
    hosts = url.query.get("host", url.host or "")
    return isinstance(hosts, str) and (hosts in _LOOPBACK or hosts.startswith("/"))


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """Keep references whole, overwrite what is deleted, and fold letters that SQLite does not know."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()
    connection.create_function("unicode_lower", 1, _lower, deterministic=True)


def _lower(value: Any) -> str | None:
    return value.lower() if isinstance(value, str) else None
