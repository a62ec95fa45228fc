"""Write sample records to the stores, through the vendors' own clients."""

import asyncio
import os
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import batched
from typing import Any

from aiohttp import ClientSession, TCPConnector
from azure.core.exceptions import ResourceExistsError
from azure.core.pipeline.transport import AioHttpTransport
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableServiceClient
from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential
from azure.storage.blob import BlobBlock, ContentSettings
from azure.storage.blob.aio import BlobServiceClient
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import create_async_engine

from samples.records.shapes import Blob, Line, Record, Row, SqlRow, compact
from samples.sql_store import SqlStore

AT_ONCE = 16
MOST_IN_TRANSACTION = 100


class Stores:
    """The sample company's account, its tables and its blobs, and its database."""

    def __init__(self, tables: TableServiceClient, blobs: BlobServiceClient, sql: SqlStore | None = None) -> None:
        self._tables = tables
        self._blobs = blobs
        self._sql = sql
        self._sql_tables: dict[str, Table] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def create(self, tables: Iterable[str], containers: Iterable[str], sql: Iterable[Table] = ()) -> None:
        """Make what is not there yet."""
        self._sql_tables = {table.name: table for table in sql}
        if self._sql is not None:
            await self._sql.create(self._sql_tables.values())
        await asyncio.gather(
            *(self._make(self._tables.create_table, name) for name in tables),
            *(self._make(self._blobs.create_container, name) for name in containers),
        )

    async def write(self, records: Iterable[Record]) -> None:
        """Upsert rows in transactions, and blobs; the lines of one blob are written as one, in the order given.

        What systems outside the stores keep is left out.
        """
        rows: defaultdict[tuple[str, str], dict[str, Mapping[str, Any]]] = defaultdict(dict)
        lines: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        blobs: list[Blob] = []
        sql: list[SqlRow] = []
        for record in records:
            match record:
                case Row():
                    entity = record.entity
                    rows[record.table, entity["PartitionKey"]][entity["RowKey"]] = entity
                case Line():
                    lines[record.container, record.name].append(compact(record.values))
                case Blob():
                    blobs.append(record)
                case SqlRow():
                    sql.append(record)
        blobs += [
            Blob(container, name, "\n".join([*held, ""]).encode(), "application/x-ndjson")
            for (container, name), held in lines.items()
        ]
        if self._sql is not None and sql:
            await self._sql.write(sql, self._sql_tables)
        await asyncio.gather(
            *(self._upload(blob) for blob in blobs),
            *(
                self.transaction(table, chunk)
                for (table, _), entities in rows.items()
                for chunk in batched(entities.values(), MOST_IN_TRANSACTION, strict=False)
            ),
        )

    async def transaction(self, table: str, entities: Sequence[Mapping[str, Any]]) -> None:
        """Replace up to a hundred rows of one partition at once."""
        async with self._turns:
            client = self._tables.get_table_client(table)
            if len(entities) == 1:
                await client.upsert_entity(dict(entities[0]), mode=UpdateMode.REPLACE)
            else:
                replaced = [("upsert", dict(entity), {"mode": UpdateMode.REPLACE}) for entity in entities]
                await client.submit_transaction(replaced)

    async def stream(self, container: str, name: str, pieces: Iterator[bytes]) -> None:
        """Replace a blob by these pieces, one in memory at a time."""
        client = self._blobs.get_blob_client(container, name)
        blocks = []
        for number, piece in enumerate(pieces):
            blocks.append(BlobBlock(block_id=f"{number:08}"))
            await client.stage_block(blocks[-1].id, piece)
        await client.commit_block_list(blocks)

    async def _upload(self, blob: Blob) -> None:
        async with self._turns:
            await self._blobs.get_blob_client(blob.container, blob.name).upload_blob(
                blob.data,
                overwrite=True,
                content_settings=ContentSettings(content_type=blob.media_type),
                metadata=dict(blob.metadata),
                tags=dict(blob.tags) or None,
            )

    async def _make(self, create: Any, name: str) -> None:
        async with self._turns:
            try:
                await create(name)
            except ResourceExistsError:
                return


@asynccontextmanager
async def open_stores(env: Mapping[str, str]) -> AsyncIterator[Stores]:
    """Open the account `spindata` and the database `spinsql` of the app's settings; signs in and trusts as it does."""
    trust = ssl.create_default_context(cafile=env.get("SSL_CERT_FILE"))
    async with (
        AsyncExitStack() as closing,
        ClientSession(connector=TCPConnector(ssl=trust, limit=AT_ONCE), auto_decompress=False) as session,
        credential_of(env) as credential,
        TableServiceClient(
            env["STORE_SPINDATA_TABLES_URL"], credential=credential, transport=_shared(session)
        ) as tables,
        BlobServiceClient(env["STORE_SPINDATA_BLOBS_URL"], credential=credential, transport=_shared(session)) as blobs,
    ):
        sql = None
        if url := env.get("STORE_SPINSQL_SQL_URL"):
            engine = create_async_engine(url, hide_parameters=True)
            closing.push_async_callback(engine.dispose)
            sql = SqlStore(engine)
        yield Stores(tables, blobs, sql)


def _shared(session: ClientSession) -> AioHttpTransport:
    """One session for all clients: given a file to trust, the SDK would read it again at every call."""
    return AioHttpTransport(session=session, session_owner=False)


def credential_of(env: Mapping[str, str]) -> ManagedIdentityCredential | DefaultAzureCredential:
    """Sign in by the identity endpoint in `env`, else as whoever runs this; the SDK reads it when it is made."""
    names = ("IDENTITY_ENDPOINT", "IDENTITY_HEADER")
    if not all(name in env for name in names):
        return DefaultAzureCredential()
    before = {name: os.environ.get(name) for name in names}
    os.environ.update({name: env[name] for name in names})
    try:
        return ManagedIdentityCredential(client_id=env.get("AZURE_CLIENT_ID"))
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
