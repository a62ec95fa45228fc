"""Azurite in a process of its own, over TLS and with OAuth, as the local stack runs it."""

import asyncio
import base64
import datetime as dt
import json
import os
import ssl
import time
from asyncio.subprocess import DEVNULL, PIPE

import aiohttp
import jwt
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import AioHttpTransport
from azure.data.tables.aio import TableServiceClient
from azure.storage.blob.aio import BlobServiceClient

from devhost import certificates
from devhost.azurite.install import PACKAGE, START
from devhost.azurite.node import find_node
from devhost.ports import free_port
from shared.adapters.azure_clients import AzureClients

ACCOUNTS = ("spinstate", "spinkeys", "spinexports", "spindata")
PIECE = 512 * 1024  # aiohttp warns of larger ones
STARTS_WITHIN, ENDS_WITHIN = 30, 15


class StorageToken:
    """A credential whose token Azurite takes for a managed identity's; with `audience`, one it refuses."""

    def __init__(self, audience="https://storage.azure.com"):
        self.audience = audience

    async def get_token(self, *scopes, **options):
        now = int(time.time())
        tenant = "5b0f6a52-2a52-4f6e-9f0e-6a3c8d1f7c11"
        claims = {"aud": self.audience, "iss": f"https://sts.windows.net/{tenant}/", "tid": tenant, "oid": tenant}
        times = {"iat": now - 60, "nbf": now - 60, "exp": now + 7200}
        return AccessToken(jwt.encode(claims | times, "k" * 32, algorithm="HS256"), now + 7200)

    async def close(self):
        """Nothing is open."""


class RunningAzurite:
    """The process, its addresses, and clients that share one pool of connections."""

    def __init__(self, folder):
        self.folder = folder
        self.ports = {"tables": free_port(), "blobs": free_port()}
        self.tls = certificates.ensure(folder, dt.datetime.now(dt.UTC))
        self._clients = {}

    async def start(self):
        asked = {
            "azurite": str(PACKAGE),
            "data": str(self.folder),
            "certificate": str(self.tls.certificate),
            "key": str(self.tls.key),
            "tablesPort": self.ports["tables"],
            "blobsPort": self.ports["blobs"],
        }
        key = base64.b64encode(b"k" * 32).decode()
        self.process = await asyncio.create_subprocess_exec(
            find_node().node,
            str(START),
            json.dumps(asked),
            env={**os.environ, "AZURITE_ACCOUNTS": ";".join(f"{name}:{key}" for name in ACCOUNTS)},
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
        )
        line = await asyncio.wait_for(self.process.stdout.readline(), STARTS_WITHIN)
        assert line == b"ready\n", line
        context = ssl.create_default_context(cafile=str(self.tls.bundle))
        self._lean = AzureClients(credential=StorageToken(), tls=context)
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context), auto_decompress=False)
        return self

    async def stop(self):
        await self._lean.close()
        await self.session.close()
        self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), ENDS_WITHIN)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()

    def url(self, service, account):
        return f"https://127.0.0.1:{self.ports[service]}/{account}"

    def options(self, **credential):
        transport = AioHttpTransport(session=self.session, session_owner=False)
        return {"transport": transport, "credential": StorageToken(**credential), "retry_total": 0}

    def tables(self, store):
        """A store's tables, as connectors ask for them."""
        return self._once(TableServiceClient, self.url("tables", store))

    def transactions(self, store, table):
        """The writer of one of a store's tables, as connectors ask for it."""
        return self._lean.transactions(self.url("tables", store), table)

    def blobs(self, store):
        """A store's blobs, as connectors ask for them."""
        pieces = {"max_single_put_size": PIECE, "max_block_size": PIECE}
        return self._once(BlobServiceClient, self.url("blobs", store), **pieces)

    def _once(self, client, url, **options):
        if url not in self._clients:
            self._clients[url] = client(url, **self.options(), **options)
        return self._clients[url]
