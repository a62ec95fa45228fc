"""The clients of Azure Storage: built once, at first use, on one HTTP session."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from ssl import SSLContext
from typing import TYPE_CHECKING, Any

from aiohttp import ClientSession, DummyCookieJar, TCPConnector
from azure.core import AsyncPipelineClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import (
    AsyncBearerTokenCredentialPolicy,
    AsyncRetryPolicy,
    ContentDecodePolicy,
    SansIOHTTPPolicy,
)
from azure.core.pipeline.transport import AioHttpTransport

from shared.adapters.azure_tables_transactions import Transactions
from shared.domain.errors import Permanent

if TYPE_CHECKING:
    from azure.data.tables.aio import TableClient, TableServiceClient
    from azure.storage.blob.aio import BlobServiceClient
    from sqlalchemy.ext.asyncio import AsyncEngine

    from shared.adapters.sql_engines import SqlEngines
    from shared.ports.egress import Egress
    from shared.use_cases.own_records import OwnRecords

_SCOPE = "https://storage.azure.com/.default"
_CONNECT_WITHIN = 5.0
_ANSWER_WITHIN = 30.0
_KEPT_IDLE = 60.0  # an idle connection is dropped by us before Azure does
_PIECE = 4 * 1024 * 1024
_RETRIES: dict[str, Any] = {"retry_total": 3, "retry_backoff_factor": 0.2, "retry_backoff_max": 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeanTable:
    """Both ways to one table."""

    client: "TableClient"
    transactions: Transactions


class AzureClients:
    """Clients by account URL, all with one credential. What this builds, `close` closes.

    `tls` is for accounts whose certificate the system does not trust.
    """

    def __init__(
        self,
        *,
        client_id: str | None = None,
        credential: AsyncTokenCredential | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        self._client_id = client_id
        self._credential = credential
        self._lent = credential is not None
        self._tls = tls
        self._transport: AioHttpTransport | None = None
        self._built: dict[tuple[str, ...], Any] = {}

    def credential(self) -> AsyncTokenCredential:
        """Return the managed identity where the platform gives one, else whoever is signed in here."""
        if self._credential is None:
            if "IDENTITY_ENDPOINT" in os.environ:
                from azure.identity.aio import ManagedIdentityCredential

                self._credential = ManagedIdentityCredential(client_id=self._client_id)
            else:
                from azure.identity.aio import DefaultAzureCredential

                self._credential = DefaultAzureCredential()
        return self._credential

    def table(self, url: str, name: str) -> LeanTable:
        """Return the client of one table, with no more of a pipeline than our calls need."""
        from azure.data.tables.aio import TableClient

        if ("table", url, name) not in self._built:
            transport = self._session()
            decoding = [*self._policies(), ContentDecodePolicy(response_encoding="utf-8")]
            self._built["table", url, name] = LeanTable(
                client=TableClient(url, name, credential=self.credential(), transport=transport, policies=decoding),
                transactions=self.transactions(url, name),
            )
        lean: LeanTable = self._built["table", url, name]
        return lean

    def transactions(self, url: str, table: str) -> Transactions:
        """Return the writer of one table."""
        if ("transactions", url) not in self._built:
            policies = self._policies()
            self._built["transactions", url] = AsyncPipelineClient(url, transport=self._session(), policies=policies)
        return Transactions(self._built["transactions", url], url, table)

    def tables(self, url: str) -> "TableServiceClient":
        """Return the client of an account's tables."""
        from azure.data.tables.aio import TableServiceClient

        if ("tables", url) not in self._built:
            self._built["tables", url] = TableServiceClient(
                url, credential=self.credential(), transport=self._session(), **_RETRIES
            )
        client: TableServiceClient = self._built["tables", url]
        return client

    def blobs(self, url: str) -> "BlobServiceClient":
        """Return the client of an account's blobs."""
        from azure.storage.blob.aio import BlobServiceClient, LinearRetry

        if ("blobs", url) not in self._built:
            self._built["blobs", url] = BlobServiceClient(
                url,
                credential=self.credential(),
                transport=self._session(),
                retry_policy=LinearRetry(backoff=1, retry_total=3, random_jitter_range=1),
                max_single_get_size=_PIECE,
                max_chunk_get_size=_PIECE,
            )
        client: BlobServiceClient = self._built["blobs", url]
        return client

    async def close(self) -> None:
        """Close every connection; what was built here works no longer, what is asked for anew does."""
        self._built.clear()
        if self._credential is not None and not self._lent:
            await self._credential.close()
            self._credential = None
        if self._transport is not None:
            await self._transport.close()
            self._transport = None

    def _session(self) -> AioHttpTransport:
        if self._transport is None:
            self._transport = _Transport(self._tls)
        return self._transport

    def _policies(self) -> list[Any]:
        return [
            _Dated(),
            AsyncBearerTokenCredentialPolicy(self.credential(), _SCOPE),
            AsyncRetryPolicy(**_RETRIES),
        ]


class _Transport(AioHttpTransport):  # type: ignore[misc]  # azure-core gives its lazily loaded transports no types
    """One session for all clients, opened by the first call, inside the event loop."""

    def __init__(self, tls: SSLContext | None) -> None:
        super().__init__(connection_timeout=_CONNECT_WITHIN, read_timeout=_ANSWER_WITHIN)
        self._tls = tls
        self._opened = False

    async def open(self) -> None:
        """Open the session, once."""
        if not self._opened:
            self._opened = True
            self.session = ClientSession(
                connector=TCPConnector(ssl=self._tls or True, keepalive_timeout=_KEPT_IDLE),
                cookie_jar=DummyCookieJar(),
                auto_decompress=False,
            )
        await super().open()


class _Dated(SansIOHTTPPolicy[Any, Any]):
    """Dates a request, as storage asks; the text is made once a second.

    A query of the SDK says which location it wants and reads back which it got: there is one.
    """

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Set the header."""
        request.context["location_mode"] = request.context.options.pop("use_location", None)
        now = int(time.time())
        if now != self._second:
            self._second, self._text = now, formatdate(now, usegmt=True)
        request.http_request.headers["x-ms-date"] = self._text


class AzureStores:
    """The stores that the data map names, by name."""

    def __init__(
        self,
        clients: AzureClients,
        *,
        tables: Mapping[str, str],
        blobs: Mapping[str, str],
        sql: "SqlEngines",
        egress: Callable[[], "Egress"],
        own: Callable[[], "OwnRecords"],
    ) -> None:
        self._clients = clients
        self._sql = sql
        self._egress = egress
        self._own = own
        self._tables = {name.upper(): url for name, url in tables.items()}
        self._blobs = {name.upper(): url for name, url in blobs.items()}

    def tables(self, store: str) -> "TableServiceClient":
        """Return the client of a store's tables."""
        return self._clients.tables(_address(self._tables, store))

    def transactions(self, store: str, table: str) -> Transactions:
        """Return the writer of one of a store's tables."""
        return self._clients.transactions(_address(self._tables, store), table)

    def blobs(self, store: str) -> "BlobServiceClient":
        """Return the client of a store's blobs."""
        return self._clients.blobs(_address(self._blobs, store))

    def sql(self, store: str) -> "AsyncEngine":
        """Return the engine of a SQL database."""
        return self._sql.engine(store)

    def own(self) -> "OwnRecords":
        """Return what this service keeps of people itself."""
        return self._own()

    def egress(self) -> "Egress":
        """Return the way out to systems that are not ours."""
        return self._egress()


def _address(urls: Mapping[str, str], store: str) -> str:
    url = urls.get(store.upper().replace("-", "_"))
    if url is None:
        raise Permanent("store_unknown")
    return url
