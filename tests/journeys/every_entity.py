"""Every queue and subscription of a stack's bus, those of erasures too: look into them, copy, take away, put back."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import uuid4

from azure.servicebus import ServiceBusMessage, ServiceBusReceivedMessage, ServiceBusReceiveMode, ServiceBusSubQueue
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver, ServiceBusSender

from devhost.stack import PROJECT

PATIENCE = 60.0
_MOST, _FIRST = 250, 1  # a receiver would go on behind what it has looked at

_AWAY = ServiceBusReceiveMode.RECEIVE_AND_DELETE


class Entity(NamedTuple):
    """A queue, or a topic with one of its subscriptions."""

    name: str
    subscription: str = ""


class Seen(NamedTuple):
    """A message, and where it lay."""

    entity: Entity
    message: ServiceBusReceivedMessage

    @property
    def said(self) -> dict[str, Any]:
        """What it asks for."""
        return json.loads(b"".join(self.message.body))


def entities() -> list[Entity]:
    """Return all there are."""
    (namespace,) = json.loads((PROJECT / "infra" / "servicebus.json").read_text())["UserConfig"]["Namespaces"]
    subscriptions = [
        Entity(topic["Name"], one["Name"]) for topic in namespace["Topics"] for one in topic["Subscriptions"]
    ]
    return [*(Entity(queue["Name"]) for queue in namespace["Queues"]), *subscriptions]


def _delivered(one: Seen) -> int:
    return one.message.delivery_count or 0


class EveryEntity:
    """One stack's bus; `told` is what the stack tells of itself."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._client = ServiceBusClient.from_connection_string(told["env"]["ServiceBus"])
        self._looking: dict[tuple[Entity, bool], ServiceBusReceiver] = {}
        self._sending: dict[str, ServiceBusSender] = {}

    async def close(self) -> None:
        """Look no more."""
        await asyncio.gather(*(one.close() for one in [*self._looking.values(), *self._sending.values()]))
        await self._client.close()

    async def seen(self, *, dead: bool = False) -> list[Seen]:
        """Every message there is, locked and scheduled too, or every dead letter."""
        found = await asyncio.gather(*(self._peek(entity, dead) for entity in entities()))
        return [Seen(entity, one) for entity, some in zip(entities(), found, strict=True) for one in some]

    async def calm(self) -> None:
        """Wait until there is no message anywhere."""
        until = time.monotonic() + PATIENCE
        while left := await self.seen():
            assert time.monotonic() < until, f"messages are left: {[one.said for one in left]}"
            await asyncio.sleep(0.1)

    async def dead(self) -> list[tuple[Entity, str]]:
        """Why which messages were given up."""
        return [(one.entity, str(one.message.dead_letter_reason)) for one in await self.seen(dead=True)]

    async def a_lock_expires(self) -> None:
        """Wait until a message that is locked now is given back because nobody renewed its lock."""
        before = {one.message.message_id: _delivered(one) for one in await self.seen()}
        assert before
        until = time.monotonic() + PATIENCE
        while not any(_delivered(one) > before.get(one.message.message_id, 1000) for one in await self.seen()):
            assert time.monotonic() < until, "every lock is held"
            await asyncio.sleep(0.1)

    async def send(self, messages: Iterable[Seen]) -> None:
        """Send messages again, in this order, each under an id that no duplicate detection knows."""
        for entity, message in messages:
            copy = ServiceBusMessage(
                b"".join(message.body),
                content_type=message.content_type,
                message_id=str(uuid4()),
                application_properties=message.application_properties,
            )
            await self._sender(entity).send_messages(copy)

    @asynccontextmanager
    async def thieves(self, count: int, *among: Entity) -> AsyncIterator[Callable[[], Awaitable[list[Seen]]]]:
        """Stand ready to take messages away from the app; what is yielded waits until so many came of each entity."""
        standing = [(one, self._receiver(one, receive_mode=_AWAY)) for one in among]

        async def taken() -> list[Seen]:
            async with asyncio.timeout(PATIENCE):
                found = await asyncio.gather(*(_taken(entity, receiver, count) for entity, receiver in standing))
            return [one for some in found for one in some]

        try:
            await asyncio.gather(*(receiver.__aenter__() for _, receiver in standing))
            yield taken
        finally:
            await asyncio.gather(*(receiver.close() for _, receiver in standing))

    async def _peek(self, entity: Entity, dead: bool) -> list[ServiceBusReceivedMessage]:
        if (entity, dead) not in self._looking:
            options = {"sub_queue": ServiceBusSubQueue.DEAD_LETTER} if dead else {}
            self._looking[entity, dead] = self._receiver(entity, **options)
        return await self._looking[entity, dead].peek_messages(_MOST, sequence_number=_FIRST)

    def _sender(self, entity: Entity) -> ServiceBusSender:
        if entity.name not in self._sending:
            sender = self._client.get_topic_sender if entity.subscription else self._client.get_queue_sender
            self._sending[entity.name] = sender(entity.name)
        return self._sending[entity.name]

    def _receiver(self, entity: Entity, **options: Any) -> ServiceBusReceiver:
        if entity.subscription:
            return self._client.get_subscription_receiver(*entity, **options)
        return self._client.get_queue_receiver(entity.name, **options)


async def _taken(entity: Entity, receiver: ServiceBusReceiver, count: int) -> list[Seen]:
    taken: list[Seen] = []
    while len(taken) < count:
        taken += [Seen(entity, one) for one in await receiver.receive_messages(count - len(taken), max_wait_time=0.5)]
    return taken
