"""Everything the sample company's systems hold, read from each as it lies there and never through the service."""

import asyncio
import json
import sqlite3
import ssl
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import ClientSession, TCPConnector
from azure.core.credentials import AzureNamedKeyCredential
from azure.core.pipeline.transport import AioHttpTransport
from azure.data.tables.aio import TableServiceClient
from azure.storage.blob.aio import BlobServiceClient, ContainerClient

from samples.outside import Outside

ACCOUNT = "spindata"
LINES = ".jsonl"
HIDDEN = ["deleted", "snapshots", "uncommittedblobs", "metadata", "tags"]


class Held(NamedTuple):
    """One row, one blob, one line of a file that many people share: where it lies, and its bytes."""

    place: str
    data: bytes

    def mentions(self, marks: Collection[str]) -> bool:
        """Tell whether one of the marks stands in it or in its name, in any case."""
        found = self.data.lower() + b"\n" + self.place.lower().encode()
        return any(mark.lower().encode() in found for mark in marks)


async def everything(told: Mapping[str, Any]) -> list[Held]:
    """Read every store of a running stack, and the files of the systems around it, each in an order of its own."""
    outside = Outside(Path(told["outbox"]).parent)
    trust = ssl.create_default_context(cafile=told["ca_file"])
    async with ClientSession(connector=TCPConnector(ssl=trust), auto_decompress=False) as session:
        held = [one async for one in _rows(told, session)]
        held += [one async for one in _blobs(told, session)]
    return held + await asyncio.to_thread(lambda: [*_database(told), *_files(outside)])


async def _rows(told: Mapping[str, Any], session: ClientSession) -> AsyncIterator[Held]:
    credential = AzureNamedKeyCredential(ACCOUNT, told["storage_keys"][ACCOUNT])
    service = TableServiceClient(_url(told, "tables"), credential=credential, transport=_shared(session))
    async for table in service.list_tables():
        async for row in service.get_table_client(table.name).list_entities():
            place = f"tables/{table.name}/{row['PartitionKey']}/{row['RowKey']}"
            yield Held(place, _json([dict(row), row.metadata["etag"]]))


async def _blobs(told: Mapping[str, Any], session: ClientSession) -> AsyncIterator[Held]:
    credential = {"account_name": ACCOUNT, "account_key": told["storage_keys"][ACCOUNT]}
    service = BlobServiceClient(_url(told, "blobs"), credential=credential, transport=_shared(session))
    async for container in service.list_containers():
        inside = service.get_container_client(container.name)
        async for blob in inside.list_blobs(include=HIDDEN):
            place = f"blobs/{container.name}/{blob.name}"
            about = [blob.content_settings.content_type, blob.metadata, blob.tags, blob.snapshot, blob.deleted]
            shared = blob.name.endswith(LINES)
            yield Held(f"{place} (about)", _json(about if shared else [*about, blob.etag]))
            async for one in _content(inside, blob.name, place, shared=shared):
                yield one


async def _content(inside: ContainerClient, name: str, place: str, *, shared: bool) -> AsyncIterator[Held]:
    data = await (await inside.download_blob(name)).readall()
    for piece in data.splitlines(keepends=True) if shared else [data]:
        yield Held(place, piece)


def _database(told: Mapping[str, Any]) -> Iterator[Held]:
    address = told["env"]["STORE_SPINSQL_SQL_URL"]
    kind, _, file = address.partition(":///")
    if not kind.startswith("sqlite"):
        raise ValueError("only SQLite is read raw here")
    yield from _sqlite("sql", Path(file))


def _files(outside: Outside) -> Iterator[Held]:
    for file in sorted(outside.vendor.glob(f"*{LINES}")):
        yield from (Held(f"vendor/{file.name}", line) for line in file.read_bytes().splitlines(keepends=True))
    yield from _sqlite("telemetry", *outside.telemetry.glob("*.sqlite"))


def _sqlite(name: str, *files: Path) -> Iterator[Held]:
    for file in files:
        database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
            for (table,) in tables:
                for row in database.execute(f'SELECT rowid, * FROM "{table}" ORDER BY rowid'):  # noqa: S608  its own name
                    yield Held(f"{name}/{table}/{row[0]}", _json(row[1:]))
        finally:
            database.close()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str).encode()


def _url(told: Mapping[str, Any], kind: str) -> str:
    return f"https://127.0.0.1:{told['ports'][kind]}/{ACCOUNT}"


def _shared(session: ClientSession) -> AioHttpTransport:
    return AioHttpTransport(session=session, session_owner=False)
