"""Service Bus triggers: peek-lock, complete on return, abandon on raise."""

import asyncio
from dataclasses import dataclass, field

from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver
from azure.servicebus.exceptions import MessagingEntityNotFoundError, ServiceBusError

from devhost.host.catalogue import Function, MessageTrigger
from devhost.host.connections import READ_WAIT
from devhost.host.errors import InvocationError
from devhost.host.invoker import Invoker
from devhost.host.journal import Journal
from devhost.host.messages import message_payload
from devhost.host.renewal import LockRenewal
from devhost.host.settings import DRAINS_WITHIN

_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(kw_only=True)
class Pump:
    """Moves the messages of one queue or subscription to one function."""

    function: Function
    trigger: MessageTrigger
    client: ServiceBusClient
    invoker: Invoker
    journal: Journal
    concurrency: int
    renew_for: float
    settled_start: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    """Set once the receiver is attached, or its queue turned out not to exist."""
    _in_flight: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    async def keep(self) -> None:
        """Receive until cancelled, connecting again whenever the connection is lost; then finish what is in flight."""
        failures = 0
        while True:
            try:
                async with self._receiver() as receiver:
                    if failures:
                        self.journal.host(f"{self.function.name}: connected to {self._entity()} again")
                    failures = 0
                    self.settled_start.set()
                    await self._receive(receiver)
            except (ServiceBusError, OSError, ValueError) as error:
                if failures == 0:
                    self.journal.host(f"{self.function.name}: {self._entity()}: {_reason(error)}; trying again")
                if isinstance(error, MessagingEntityNotFoundError):
                    self.settled_start.set()
            await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
            failures += 1

    async def _receive(self, receiver: ServiceBusReceiver) -> None:
        slots = asyncio.Semaphore(self.concurrency)
        try:
            while True:
                await slots.acquire()
                message = await anext(receiver)
                task = asyncio.create_task(self._handle(receiver, message, slots))
                self._in_flight.add(task)
                task.add_done_callback(self._in_flight.discard)
        finally:
            if self._in_flight:
                await asyncio.wait(self._in_flight, timeout=DRAINS_WITHIN)

    async def _handle(
        self, receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage, slots: asyncio.Semaphore
    ) -> None:
        renewal = LockRenewal(receiver, message, self.renew_for)
        try:
            settle = receiver.complete_message
            payload, body = message_payload(message, binary=self.trigger.binary)
            try:
                await self.invoker.run(self.function, payload, body, _traceparent(message))
            except InvocationError:
                settle = receiver.abandon_message
            renewal.stop()
            await settle(message)
        except (ServiceBusError, OSError, ValueError) as error:
            self.journal.host(f"{self.function.name}: a message could not be settled: {_reason(error)}")
        finally:
            renewal.stop()
            slots.release()

    def _receiver(self) -> ServiceBusReceiver:
        if self.trigger.subscription is None:
            receiver = self.client.get_queue_receiver(self.trigger.entity, socket_timeout=READ_WAIT)
        else:
            receiver = self.client.get_subscription_receiver(
                self.trigger.entity, self.trigger.subscription, socket_timeout=READ_WAIT
            )
        # While one task waits for the broker to confirm a settlement and another for the next message, either may
        # read the other's frame and leave it waiting for a whole read timeout. So settlements are sent and not
        # waited for, as the SDK did before 7.15: a lost one shows as a second delivery, which functions must bear.
        receiver._await_settlement_outcome = False  # noqa: SLF001
        return receiver

    def _entity(self) -> str:
        of_topic = f"/Subscriptions/{self.trigger.subscription}" if self.trigger.subscription else ""
        return f"{self.trigger.entity}{of_topic}"


def _traceparent(message: ServiceBusReceivedMessage) -> str | None:
    properties = message.application_properties or {}
    value = properties.get(b"Diagnostic-Id") or properties.get("Diagnostic-Id")
    return value.decode("ascii", "replace") if isinstance(value, bytes) else None


def _reason(error: Exception) -> str:
    """What happened, without the SDK's prose."""
    return type(error).__name__
