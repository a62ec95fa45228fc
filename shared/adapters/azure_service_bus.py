"""Commands on Azure Service Bus: one client, one open sender a queue or topic."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from typing import Any, Self

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient, ServiceBusSender

from shared.domain.errors import Transient
from shared.messages.commands import AnyCommand, RunServiceTask
from shared.ports.world import Clock
from shared.telemetry import traceparent

ENTITIES = {
    "plan_request": "planning",
    "send_code": "verification",
    "send_notice": "notifications",
    "assemble_export": "export-assembly",
    "run_service_task": "service-tasks",
    "advance_request": "advancing",
    "processing_changed": "processing-changes",
}
_SENT_AT_ONCE = 100  # of our size, far below a batch of 256 KB
_SENT_WITHIN = 30.0
_REACHED_WITHIN = 10.0
_LOOKED_AT = "planning"
_RETRIES: dict[str, Any] = {"retry_total": 3, "retry_backoff_factor": 0.2, "retry_backoff_max": 5}


class AzureServiceBus:
    """Opens a sender at its first message and keeps it."""

    def __init__(self, connect: Callable[[], ServiceBusClient], clock: Clock) -> None:
        self._connect = connect
        self._clock = clock
        self._client: ServiceBusClient | None = None
        self._outlets: dict[str, _Outlet] = {}

    @classmethod
    def from_connection_string(cls, connection_string: str, clock: Clock) -> Self:
        """Connect with a key, or to an emulator."""
        return cls(lambda: ServiceBusClient.from_connection_string(connection_string, **_RETRIES), clock)

    @classmethod
    def at_namespace(cls, namespace: str, credential: AsyncTokenCredential, clock: Clock) -> Self:
        """Connect as an identity."""
        return cls(lambda: ServiceBusClient(namespace, credential, **_RETRIES), clock)

    async def send(self, commands: Sequence[AnyCommand], delay: timedelta | None = None) -> None:
        """Send commands, those of one queue together."""
        at = self._clock() + delay if delay else None
        by_entity: dict[str, list[ServiceBusMessage]] = {}
        for command in commands:
            message = _message(command)
            if at is not None:
                message.scheduled_enqueue_time_utc = at
            by_entity.setdefault(ENTITIES[command.kind], []).append(message)
        for entity, messages in by_entity.items():
            await self._outlet(entity).send(messages)

    async def reach(self) -> None:
        """Look at what lies first in one queue."""
        try:
            async with asyncio.timeout(_REACHED_WITHIN), self._connected().get_queue_receiver(_LOOKED_AT) as receiver:
                await receiver.peek_messages(max_message_count=1)
        except (AzureError, TimeoutError):
            raise Transient("bus_unreachable") from None

    async def close(self) -> None:
        """Close every sender and the connection; the next message opens them anew."""
        await asyncio.gather(*(outlet.close() for outlet in self._outlets.values()))
        self._outlets.clear()
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _outlet(self, entity: str) -> "_Outlet":
        if entity not in self._outlets:
            self._outlets[entity] = _Outlet(lambda: self._open(entity))
        return self._outlets[entity]

    def _open(self, entity: str) -> ServiceBusSender:
        return self._connected().get_queue_sender(entity)  # a topic's sender is the same

    def _connected(self) -> ServiceBusClient:
        if self._client is None:
            self._client = self._connect()
        return self._client


@dataclass(slots=True, eq=False)
class _Parcel:
    """Messages of one caller. `failed` is None until they were tried."""

    messages: Sequence[ServiceBusMessage]
    failed: bool | None = None


class _Outlet:
    """One sender, which bears one call at a time: whoever has the turn sends along what others brought meanwhile."""

    def __init__(self, connect: Callable[[], ServiceBusSender]) -> None:
        self._connect = connect
        self._sender: ServiceBusSender | None = None
        self._turn = asyncio.Lock()
        self._waiting: list[_Parcel] = []

    async def send(self, messages: Sequence[ServiceBusMessage]) -> None:
        """Return when the messages are on the bus.

        Raises:
            Transient: it is not known whether they are.
        """
        parcel = _Parcel(messages)
        self._waiting.append(parcel)
        async with self._turn:
            if parcel.failed is None:
                await self._send_waiting()
        if parcel.failed:
            raise Transient("bus_unreachable")

    async def close(self) -> None:
        """Close the sender."""
        sender, self._sender = self._sender, None
        if sender is not None:
            await sender.close()

    async def _send_waiting(self) -> None:
        parcels, self._waiting = self._waiting, []
        for parcel in parcels:
            parcel.failed = True
        messages = [message for parcel in parcels for message in parcel.messages]
        for some in batched(messages, _SENT_AT_ONCE, strict=False):
            if not await self._put(list(some)):
                return
        for parcel in parcels:
            parcel.failed = False

    async def _put(self, messages: list[ServiceBusMessage]) -> bool:
        if self._sender is None:
            self._sender = self._connect()
        try:
            await self._sender.send_messages(messages[0] if len(messages) == 1 else messages, timeout=_SENT_WITHIN)
        except AzureError:  # the SDK has tried again already
            with suppress(AzureError):
                await self.close()
            return False
        return True


def _message(command: AnyCommand) -> ServiceBusMessage:
    if command.traceparent is None:
        command = command.model_copy(update={"traceparent": traceparent()})
    properties: dict[str | bytes, Any] = {}
    if isinstance(command, RunServiceTask):
        properties["lane"] = command.lane
    if command.traceparent:
        properties["Diagnostic-Id"] = command.traceparent
    return ServiceBusMessage(
        command.model_dump_json(exclude_none=True),
        content_type="application/json",
        message_id=command.message_id,
        application_properties=properties or None,
    )
