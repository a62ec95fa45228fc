"""A stack's storage, seen from outside the app: all accounts, with their keys."""

import ssl
from typing import Any

from aiohttp import ClientSession, TCPConnector
from azure.core.credentials import AzureNamedKeyCredential
from azure.core.pipeline.transport import AioHttpTransport
from azure.data.tables.aio import TableServiceClient
from azure.storage.blob.aio import BlobServiceClient

HIDDEN = ["deleted", "snapshots", "uncommittedblobs"]
ACCOUNTS = ("spinstate", "spinkeys", "spinexports", "spindata")


class StorageAccounts:
    """Clients of every account of one stack; `told` is what the stack tells of itself."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told
        trust = ssl.create_default_context(cafile=told["ca_file"])
        self._session = ClientSession(connector=TCPConnector(ssl=trust), auto_decompress=False)

    async def __aenter__(self) -> "StorageAccounts":
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._session.close()

    def tables(self, account: str) -> TableServiceClient:
        """The account's tables."""
        credential = AzureNamedKeyCredential(account, self._told["storage_keys"][account])
        return TableServiceClient(self._url("tables", account), credential=credential, transport=self._transport())

    def blobs(self, account: str) -> BlobServiceClient:
        """The account's blobs."""
        credential = {"account_name": account, "account_key": self._told["storage_keys"][account]}
        return BlobServiceClient(self._url("blobs", account), credential=credential, transport=self._transport())

    async def rows(self, account: str, table: str) -> list[dict[str, Any]]:
        """Every row of one table."""
        return [dict(row) async for row in self.tables(account).get_table_client(table).list_entities()]

    async def all_rows(self, account: str) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table of an account."""
        names = [table.name async for table in self.tables(account).list_tables()]
        return {name: await self.rows(account, name) for name in names}

    async def blob_names(self, account: str, prefix: str = "") -> list[str]:
        """`container/name` of every blob, begun, deleted or replaced ones too, whose name begins so."""
        service = self.blobs(account)
        return [
            f"{container.name}/{blob.name}"
            async for container in service.list_containers()
            async for blob in service.get_container_client(container.name).list_blobs(
                name_starts_with=prefix or None, include=HIDDEN
            )
        ]

    async def read(self, account: str, container: str, name: str) -> bytes:
        """One blob's bytes."""
        stream = await self.blobs(account).get_blob_client(container, name).download_blob()
        return await stream.readall()

    def _url(self, kind: str, account: str) -> str:
        return f"https://127.0.0.1:{self._told['ports'][kind]}/{account}"

    def _transport(self) -> AioHttpTransport:
        return AioHttpTransport(session=self._session, session_owner=False)
