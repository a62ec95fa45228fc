"""A stack's Service Bus, seen from outside the app: look into its entities, send to them, empty them."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from azure.servicebus import ServiceBusMessage, ServiceBusReceiveMode, ServiceBusSubQueue
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver

ENTITIES = {
    "plan_request": "planning",
    "send_code": "verification",
    "send_notice": "notifications",
    "assemble_export": "export-assembly",
    "run_service_task": "service-tasks",
}
PATIENCE = 60.0


class MessageBus:
    """One stack's bus; `told` is what the stack tells of itself."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._client = ServiceBusClient.from_connection_string(told["env"]["ServiceBus"])
        self._looking: dict[tuple[str, bool], ServiceBusReceiver] = {}

    async def __aenter__(self) -> "MessageBus":
        return self

    async def __aexit__(self, *error: object) -> None:
        await asyncio.gather(*(receiver.close() for receiver in self._looking.values()))
        await self._client.close()

    async def peeked(self, *, dead: bool = False) -> dict[str, list[Any]]:
        """The messages in every entity, locked and scheduled too, or the dead letters; those with none are left out."""
        found = await asyncio.gather(*(self._peek(entity, dead) for entity in ENTITIES.values()))
        return {entity: some for entity, some in zip(ENTITIES.values(), found, strict=True) if some}

    async def waiting(self) -> dict[str, int]:
        """How many messages each entity holds."""
        return {entity: len(some) for entity, some in (await self.peeked()).items()}

    async def dead(self) -> dict[str, list[str]]:
        """Why which messages were dead-lettered."""
        return {
            entity: [str(one.dead_letter_reason) for one in some]
            for entity, some in (await self.peeked(dead=True)).items()
        }

    async def calm(self, patience: float = PATIENCE) -> None:
        """Wait until no entity holds a message."""
        until = time.monotonic() + patience
        while left := await self.waiting():
            assert time.monotonic() < until, f"messages are left: {left}"
            await asyncio.sleep(0.1)

    async def send(self, commands: Iterable[Any], *, anew: bool = False) -> None:
        """Send commands as the app would; `anew` under new message ids, which no duplicate detection knows."""
        parcels: dict[str, list[ServiceBusMessage]] = {}
        for command in commands:
            lane = getattr(command, "lane", None)
            message = ServiceBusMessage(
                command.model_dump_json(),
                content_type="application/json",
                message_id=str(uuid4()) if anew else command.message_id,
                application_properties={"lane": lane} if lane else None,
            )
            parcels.setdefault(ENTITIES[command.kind], []).append(message)
        await asyncio.gather(*(self._send(entity, messages) for entity, messages in parcels.items()))

    async def _send(self, entity: str, messages: list[ServiceBusMessage]) -> None:
        async with self._client.get_queue_sender(entity) as sender:
            await sender.send_messages(messages)

    async def steal(self, count: int) -> None:
        """Take so many messages away from the app at every entity, waiting for those that are still to come."""
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as thieves:
            for entity in ENTITIES.values():
                thieves.create_task(self._steal(entity, count))

    async def _steal(self, entity: str, count: int) -> None:
        async with self._receiver(entity, receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE) as receiver:
            while count > 0:
                count -= len(await receiver.receive_messages(count, max_wait_time=0.5))

    async def _peek(self, entity: str, dead: bool) -> list[Any]:
        if (entity, dead) not in self._looking:
            options = {"sub_queue": ServiceBusSubQueue.DEAD_LETTER} if dead else {}
            self._looking[entity, dead] = self._receiver(entity, **options)
        return await self._looking[entity, dead].peek_messages(250, sequence_number=1)

    def _receiver(self, entity: str, **options: Any) -> ServiceBusReceiver:
        if entity == "service-tasks":
            return self._client.get_subscription_receiver(entity, "stores", **options)
        return self._client.get_queue_receiver(entity, **options)
