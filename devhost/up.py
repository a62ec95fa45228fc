"""Runs the whole stack in the foreground until it is asked to end."""

import asyncio
import contextlib
import datetime as dt
import json
import os
import signal
import sys
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path

from devhost import certificates
from devhost.azurite.install import PACKAGE
from devhost.azurite.node import find_node
from devhost.child import Child, report
from devhost.errors import StackError
from devhost.folder import Folder, Locks
from devhost.identity.issuer import Issuer, signing_key
from devhost.identity.managed import ManagedIdentity
from devhost.identity.site import Site
from devhost.mail import Outbox
from devhost.ports import LOOPBACK, choose, require_free
from devhost.serving import serving
from devhost.settings import ACCOUNTS, app_settings, inherited, load_secrets

ENTITIES = Path("infra/servicebus.json")
PORTS = ("bus", "tables", "blobs", "identity", "managed_identity", "mail")
COMPILED = PACKAGE.parent.parent / "compiled"
START_AZURITE = Path(__file__).parent / "azurite" / "start.cjs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `up` was asked for."""

    port: int
    data: Path
    app: Path
    settings: Mapping[str, str]
    quiet: bool


async def up(options: Options) -> None:
    """Start everything, say so in one line, and stay until SIGTERM or Ctrl-C.

    Raises:
        StackError: Something is missing, taken or did not start.
    """
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    require_free(options.port)
    node = find_node().node
    for needed, remedy in ((PACKAGE, "run `make setup`"), (options.app / ENTITIES, "it names queues and topics")):
        if not needed.exists():
            raise StackError(f"{needed} is missing: {remedy}")
    folder = Folder(options.data.resolve())
    folder.prepare()
    locks = Locks(folder)
    try:
        async with contextlib.AsyncExitStack() as parts:
            await _until(ended, _Stack(options, folder, locks.for_children, node).start(parts))
            if not ended.is_set():
                print(f"ready http://{LOOPBACK}:{options.port}", flush=True)
            await ended.wait()
    finally:
        locks.release()


async def _until(ended: asyncio.Event, work: Coroutine[None, None, None]) -> None:
    """Do the work, unless the end comes first."""
    working, ending = asyncio.create_task(work), asyncio.create_task(ended.wait())
    await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if not working.done():
        working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


class _Stack:
    """The parts of one running stack."""

    def __init__(self, options: Options, folder: Folder, lock: int, node: str) -> None:
        self._folder, self._lock = folder, lock
        self._secrets = load_secrets(folder.root / "secrets.json")
        self._tls = certificates.ensure(folder.sub("certificates"), dt.datetime.now(dt.UTC))
        self._ports = choose(PORTS, folder.remembered().get("ports", {})) | {"app": options.port}
        self._settings = app_settings(self._ports, self._secrets, self._tls) | dict(options.settings)
        self._issuer = Issuer(self._settings["ENTRA_AUTHORITY"], signing_key(folder.sub("identity")))
        self._storage = self._child("storage", self._azurite(node), self._azurite_environment())
        self._bus = self._child("bus", self._broker(options.app / ENTITIES), inherited())
        self._host = self._child("host", self._functions(options), inherited() | self._settings)
        if not options.quiet:
            self._host.on_line = report

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
        managed = ManagedIdentity(self._issuer, self._secrets["IDENTITY_HEADER"])
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
        return [node, str(START_AZURITE), json.dumps(asked)]

    def _azurite_environment(self) -> dict[str, str]:
        own = {"AZURITE_ACCOUNTS": self._secrets.azurite_accounts, "NODE_COMPILE_CACHE": str(COMPILED)}
        return inherited() | own

    def _broker(self, entities: Path) -> list[str]:
        database = self._folder.sub("bus") / "messages.sqlite"
        return _module("devhost.servicebus", config=entities, database=database, port=self._ports["bus"])

    def _functions(self, options: Options) -> list[str]:
        return _module("devhost.host", app=options.app, port=options.port, data=self._folder.sub("host"))


def _module(name: str, **options: Path | int) -> list[str]:
    named = [part for option, value in options.items() for part in (f"--{option}", str(value))]
    return [sys.executable, "-m", name, *named]
