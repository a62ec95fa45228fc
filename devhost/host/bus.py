"""All Service Bus pumps of the app. Importing this loads the Service Bus SDK, which takes half a second."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack

from azure.servicebus.aio import ServiceBusClient

from devhost.host.catalogue import Function, MessageTrigger
from devhost.host.connections import open_client
from devhost.host.errors import ConfigurationError
from devhost.host.invoker import Invoker
from devhost.host.journal import Journal
from devhost.host.pumps import Pump
from devhost.host.settings import HostSettings


class Bus:
    """Receives for every function with a message trigger."""

    def __init__(
        self,
        functions: Iterable[Function],
        *,
        settings: HostSettings,
        app_settings: Mapping[str, str],
        invoker: Invoker,
        journal: Journal,
    ) -> None:
        self._closing = AsyncExitStack()
        self._pumps: list[Pump] = []
        self._tasks: list[asyncio.Task[None]] = []
        clients: dict[str, ServiceBusClient] = {}
        for function in functions:
            if not (function.runs and isinstance(function.trigger, MessageTrigger)):
                continue
            connection = function.trigger.connection
            try:
                if connection not in clients:
                    clients[connection] = open_client(connection, app_settings, self._closing)
            except ConfigurationError as error:
                journal.host(f"{function.name} does not run: {error}")
                continue
            self._pumps.append(
                Pump(
                    function=function,
                    trigger=function.trigger,
                    client=clients[connection],
                    invoker=invoker,
                    journal=journal,
                    concurrency=settings.max_concurrent_calls,
                    renew_for=settings.max_lock_renewal.total_seconds(),
                )
            )

    async def start(self) -> None:
        """Open all receivers at once; returns when each is attached or has found no queue."""
        self._tasks = [asyncio.create_task(pump.keep()) for pump in self._pumps]
        await asyncio.gather(*(pump.settled_start.wait() for pump in self._pumps))

    async def stop(self) -> None:
        """Receive no more, wait for what is in flight within bounds, hang up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._closing.aclose()
