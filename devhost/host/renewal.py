"""Keeps a message locked while its function runs."""

import asyncio
from datetime import UTC, datetime

from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.aio import ServiceBusReceiver
from azure.servicebus.exceptions import ServiceBusError

_LEAST_PAUSE = 0.5


class LockRenewal:
    """Renews one lock each time half of it has passed, for at most so many seconds. Costs a timer until then."""

    def __init__(self, receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage, for_seconds: float) -> None:
        self._receiver = receiver
        self._message = message
        self._loop = asyncio.get_running_loop()
        self._until = self._loop.time() + for_seconds
        self._task: asyncio.Task[None] | None = None
        self._handle = self._loop.call_later(self._pause(), self._begin)

    def stop(self) -> None:
        """Let the lock be."""
        self._handle.cancel()
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        if self._loop.time() < self._until:
            self._task = self._loop.create_task(self._keep())

    async def _keep(self) -> None:
        while self._loop.time() < self._until:
            try:
                await self._receiver.renew_message_lock(self._message)
            except (ServiceBusError, ValueError, OSError):
                return  # the lock is lost: the message comes again, and settling this delivery says so
            await asyncio.sleep(self._pause())

    def _pause(self) -> float:
        locked_until = self._message.locked_until_utc
        if locked_until is None:
            return self._until
        return max((locked_until - datetime.now(UTC)).total_seconds() / 2, _LEAST_PAUSE)
