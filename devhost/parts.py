"""The parts of one running stack: three processes, and three small servers inside this one."""

import asyncio
import contextlib
import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from devhost import certificates
from devhost.azurite.install import PACKAGE, START
from devhost.child import Child
from devhost.errors import StackError
from devhost.folder import Folder
from devhost.identity.issuer import Issuer, signing_key
from devhost.identity.managed import ManagedIdentity
from devhost.identity.site import Site
from devhost.mail import Outbox
from devhost.ports import choose
from devhost.serving import serving
from devhost.settings import ACCOUNTS, IDENTITIES, app_settings, inherited, load_secrets

PORTS = ("bus", "tables", "blobs", "identity", "managed_identity", "mail")
COMPILED = PACKAGE.parent.parent / "compiled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the parts are made from: the app, its port and settings, the queues and topics, and a Node."""

    app: Path
    port: int
    settings: Mapping[str, str]
    entities: Path
    node: str


class Parts:
    """Starts everything in order; `on_line` gets what the host tells."""

    def __init__(self, inputs: Inputs, folder: Folder, lock: int, on_line: Callable[[str], None]) -> None:
        self._folder, self._lock = folder, lock
        self._secrets = load_secrets(folder.root / "secrets.json")
        self._tls = certificates.ensure(folder.sub("certificates"), dt.datetime.now(dt.UTC))
        self._ports = choose(PORTS, folder.remembered().get("ports", {})) | {"app": inputs.port}
        own = app_settings(self._ports, self._secrets, self._tls, folder.sub("sql"))
        self._settings = own | dict(inputs.settings)
        self._issuer = Issuer(self._settings["ENTRA_AUTHORITY"], signing_key(folder.sub("identity")))
        self._storage = self._child("storage", self._azurite(inputs.node), self._azurite_environment())
        self._bus = self._child("bus", self._broker(inputs.entities), inherited())
        self._host = self._child("host", self._functions(inputs), inherited() | self._settings)
        self._host.on_line = on_line
        self._host.hopeless = "the app cannot be loaded: "

    async def start(self, parts: contextlib.AsyncExitStack) -> None:
        """Start all parts at once; the host, which needs the bus, follows it. They end in the opposite order."""
        children = (self._storage, self._bus, self._host)
        for child in children[:2]:
            parts.push_async_callback(child.stop)
        await self._serve(parts)
        parts.push_async_callback(self._host.stop)
        try:
            async with asyncio.TaskGroup() as starting:
                starting.create_task(self._storage.start())
                await self._bus.start()
                await self._host.start()
        except* StackError as failures:
            raise failures.exceptions[0] from None
        for child in children:
            child.on_start = self._describe
        self._describe()

    async def _serve(self, parts: contextlib.AsyncExitStack) -> None:
        site = Site(self._issuer, self._settings["PUBLIC_URL"], self._secrets["mint"])
        await parts.enter_async_context(serving(site.application(), self._ports["identity"], self._tls))
        identities = {self._secrets[name]: client for name, client in IDENTITIES.items()}
        managed = ManagedIdentity(self._issuer, identities)
        await parts.enter_async_context(serving(managed.application(), self._ports["managed_identity"]))
        server = await Outbox(self._folder.outbox).serve(self._ports["mail"])
        await parts.enter_async_context(server)

    def _describe(self) -> None:
        """Keep everything another process needs to know, for this user alone."""
        children = (self._storage, self._bus, self._host)
        pids = {child.name: child.process.pid for child in children if child.process}
        self._folder.describe(
            {
                "url": self._settings["PUBLIC_URL"],
                "pids": pids | {"up": os.getpid()},
                "ports": self._ports,
                "env": self._settings,
                "audience": self._settings["ENTRA_AUDIENCE"],
                "home_tenant_id": self._settings["HOME_TENANT_ID"],
                "ca_file": str(self._tls.bundle),
                "outbox": str(self._folder.outbox),
                "mint": {"url": f"{self._issuer.authority}/mint", "secret": self._secrets["mint"]},
                "identity_headers": {client: self._secrets[name] for name, client in IDENTITIES.items()},
                "storage_keys": {account: self._secrets[account] for account in ACCOUNTS},
            }
        )

    def _child(self, name: str, command: list[str], environment: Mapping[str, str]) -> Child:
        log = self._folder.logs / f"{name}.log"
        return Child(name=name, command=command, environment=environment, log=log, lock=self._lock)

    def _azurite(self, node: str) -> list[str]:
        asked = {
            "azurite": str(PACKAGE),
            "data": str(self._folder.sub("storage")),
            "certificate": str(self._tls.certificate),
            "key": str(self._tls.key),
            "tablesPort": self._ports["tables"],
            "blobsPort": self._ports["blobs"],
        }
        return [node, str(START), json.dumps(asked)]

    def _azurite_environment(self) -> dict[str, str]:
        own = {"AZURITE_ACCOUNTS": self._secrets.azurite_accounts, "NODE_COMPILE_CACHE": str(COMPILED)}
        return inherited() | own

    def _broker(self, entities: Path) -> list[str]:
        database = self._folder.sub("bus") / "messages.sqlite"
        return _module("devhost.servicebus", config=entities, database=database, port=self._ports["bus"])

    def _functions(self, inputs: Inputs) -> list[str]:
        return _module("devhost.host", app=inputs.app, port=inputs.port, data=self._folder.sub("host"))


def _module(name: str, **options: Path | int) -> list[str]:
    named = [part for option, value in options.items() for part in (f"--{option}", str(value))]
    return [sys.executable, "-m", name, *named]
