"""The host put together: worker, HTTP, timers and pumps."""

import asyncio
import contextlib
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

import uvicorn

from devhost.host.admin import Admin
from devhost.host.by_hand import ByHand
from devhost.host.catalogue import Function, MessageTrigger, TimerTrigger, read_catalogue
from devhost.host.front import Front
from devhost.host.invoker import Invoker
from devhost.host.journal import Journal
from devhost.host.keys import Keys
from devhost.host.routing import Router
from devhost.host.settings import DRAINS_WITHIN, HostSettings, expects_service_bus
from devhost.host.supervisor import Worker
from devhost.host.timers import Timer

if TYPE_CHECKING:
    from devhost.host.bus import Bus


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the host."""
        yield


@dataclass(kw_only=True)
class Host:
    """Runs one app until told to stop."""

    app: Path
    data: Path
    listener: socket
    settings: HostSettings
    app_settings: Mapping[str, str]
    journal: Journal
    _worker: Worker = field(init=False)
    _invoker: Invoker = field(init=False)
    _front: Front = field(init=False)
    _bus: "Bus | None" = field(default=None, init=False)
    _running_timers: list[Timer] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self._worker = Worker(
            app=self.app,
            timeout=self.settings.function_timeout,
            log_levels=self.settings.log_levels,
            say=self.journal.worker,
        )
        self._invoker = Invoker(worker=self._worker, journal=self.journal)
        self._front = Front(invoker=self._invoker)

    async def run(self, stop: asyncio.Event) -> None:
        """Start everything, say so, and stop in good order once `stop` is set."""
        server = _Server(
            uvicorn.Config(
                self._front,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=int(DRAINS_WITHIN),
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[self.listener]))
        starting = asyncio.create_task(self._start())
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
            await stopped
        finally:
            starting.cancel()
            server.should_exit = True
            await asyncio.gather(serving, self._drain())
            await self._worker.stop()
            self.journal.flush()

    async def _start(self) -> None:
        if expects_service_bus(self.app_settings):
            loading = asyncio.create_task(asyncio.to_thread(importlib.import_module, "devhost.host.bus"))
            await asyncio.gather(self._worker.start(), loading)
        else:
            await self._worker.start()
        index = self._worker.index
        functions = read_catalogue(index.get("functions", []), self.app_settings, self.settings.route_prefix)
        keys = Keys(self.data / "keys.json", [function.name for function in functions])
        timers = self._timers(functions)
        address = "http://{}:{}".format(*self.listener.getsockname())
        self._front.keys = keys
        self._front.admin = Admin(
            keys=keys,
            functions=functions,
            problem=index.get("error"),
            start=ByHand(invoker=self._invoker, timers=timers),
            address=address,
        )
        if "error" in index:
            self.journal.host(f"the app cannot be loaded: {index['error']}")
            for line in index["trace"].splitlines():
                self.journal.worker(line)
            return
        for function in functions:
            if function.error:
                self.journal.host(f"{function.name} does not run: {function.error}")
        self._front.router = Router(functions)
        await self._receive(functions)
        self._running_timers = [timer for timer in timers.values() if timer.function.runs]
        for timer in self._running_timers:
            timer.start()
        self.journal.line(f"ready {address}")

    async def _receive(self, functions: list[Function]) -> None:
        if not any(isinstance(function.trigger, MessageTrigger) for function in functions):
            return
        from devhost.host.bus import Bus  # noqa: PLC0415 - loads the SDK

        self._bus = Bus(
            functions,
            settings=self.settings,
            app_settings=self.app_settings,
            invoker=self._invoker,
            journal=self.journal,
        )
        await self._bus.start()

    def _timers(self, functions: list[Function]) -> dict[str, Timer]:
        return {
            function.name: Timer(
                function=function,
                trigger=function.trigger,
                invoker=self._invoker,
                file=self.data / "timers" / f"{function.name}.json",
            )
            for function in functions
            if isinstance(function.trigger, TimerTrigger)
        }

    async def _drain(self) -> None:
        """Start nothing new, and let what runs end within bounds."""
        ending = [timer.stop() for timer in self._running_timers]
        if self._bus is not None:
            ending.append(self._bus.stop())
        await asyncio.gather(*ending)
