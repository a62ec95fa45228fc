"""Plain SDK clients, as anybody would make them: the yardstick."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession, TCPConnector
from azure.core.pipeline.transport import AioHttpTransport
from azure.data.tables.aio import TableServiceClient
from azure.identity.aio import ManagedIdentityCredential
from azure.storage.blob.aio import BlobServiceClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """The stack's stores through unaltered clients on one HTTP session."""

    state: TableServiceClient
    data_tables: TableServiceClient
    data_blobs: BlobServiceClient
    exports: BlobServiceClient


@asynccontextmanager
async def plain(env: Mapping[str, str]) -> AsyncIterator[Plain]:
    """Open clients; one TLS context, so that the yardstick does not pay for certificates at each call."""
    tls = ssl.create_default_context(cafile=env["SSL_CERT_FILE"])
    async with (
        ClientSession(connector=TCPConnector(ssl=tls, limit=64), auto_decompress=False) as session,
        ManagedIdentityCredential(client_id=env["AZURE_CLIENT_ID"]) as credential,
    ):

        def transport() -> AioHttpTransport:
            return AioHttpTransport(session=session, session_owner=False)

        yield Plain(
            state=TableServiceClient(env["STATE_TABLES_URL"], credential=credential, transport=transport()),
            data_tables=TableServiceClient(
                env["STORE_SPINDATA_TABLES_URL"], credential=credential, transport=transport()
            ),
            data_blobs=BlobServiceClient(env["STORE_SPINDATA_BLOBS_URL"], credential=credential, transport=transport()),
            exports=BlobServiceClient(env["EXPORTS_BLOBS_URL"], credential=credential, transport=transport()),
        )
