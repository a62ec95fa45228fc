"""Every queue and subscription of a stack's bus, those of erasures too: look into them, copy, take away, put back."""

import asyncio
import json
import time
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import uuid4

from azure.servicebus import ServiceBusMessage, ServiceBusReceivedMessage, ServiceBusReceiveMode, ServiceBusSubQueue
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver

from devhost.stack import PROJECT

PATIENCE = 60.0


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


class EveryEntity:
    """One stack's bus; `told` is what the stack tells of itself."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._client = ServiceBusClient.from_connection_string(told["env"]["ServiceBus"])
        self._looking: dict[tuple[Entity, bool], ServiceBusReceiver] = {}

    async def __aenter__(self) -> "EveryEntity":
        return self

    async def __aexit__(self, *error: object) -> None:
        await asyncio.gather(*(receiver.close() for receiver in self._looking.values()))
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

    async def send(self, messages: Iterable[Seen]) -> None:
        """Send messages again, in this order, each under an id that no duplicate detection knows."""
        for entity, message in messages:
            copy = ServiceBusMessage(
                b"".join(message.body),
                content_type=message.content_type,
                message_id=str(uuid4()),
                application_properties=message.application_properties,
            )
            sender = self._client.get_topic_sender if entity.subscription else self._client.get_queue_sender
            async with sender(entity.name) as sending:
                await sending.send_messages(copy)

    async def take(self, count: int, *among: Entity) -> list[Seen]:
        """Take so many messages away from the app at each entity, waiting for those that are still to come."""
        async with asyncio.timeout(PATIENCE):
            return [
                one for some in await asyncio.gather(*(self._take(count, entity) for entity in among)) for one in some
            ]

    async def _take(self, count: int, entity: Entity) -> list[Seen]:
        taken: list[Seen] = []
        async with self._receiver(entity, receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE) as receiver:
            while len(taken) < count:
                taken += [
                    Seen(entity, one) for one in await receiver.receive_messages(count - len(taken), max_wait_time=0.5)
                ]
        return taken

    async def _peek(self, entity: Entity, dead: bool) -> list[ServiceBusReceivedMessage]:
        if (entity, dead) not in self._looking:
            options = {"sub_queue": ServiceBusSubQueue.DEAD_LETTER} if dead else {}
            self._looking[entity, dead] = self._receiver(entity, **options)
        return await self._looking[entity, dead].peek_messages(250)

    def _receiver(self, entity: Entity, **options: Any) -> ServiceBusReceiver:
        if entity.subscription:
            return self._client.get_subscription_receiver(*entity, **options)
        return self._client.get_queue_receiver(entity.name, **options)
