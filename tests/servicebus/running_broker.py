"""A broker process, shared SDK clients, and waiting."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).parent / "entities.json"


class RunningBroker:
    """A broker process that can be stopped, killed and started again on the same files."""

    def __init__(self, folder, config=CONFIG):
        self.database = folder / "bus.sqlite"
        self.config = config
        self.process = None
        self.port = 0

    def start(self, *options):
        command = [sys.executable, "-m", "devhost.servicebus", "--config", self.config]
        command += ["--database", self.database, "--port", str(self.port), *options]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("ready amqp://127.0.0.1:"), self.process.stderr.read()
        self.port = int(line.rpartition(":")[2])
        return self

    def end(self, number=signal.SIGTERM):
        """Send the signal and return the exit code and what was said."""
        self.process.send_signal(number)
        said = self.process.communicate(timeout=10)
        return self.process.returncode, "".join(said)

    @property
    def connection_string(self):
        return (
            f"Endpoint=sb://127.0.0.1:{self.port};SharedAccessKeyName=local;SharedAccessKey=local;"
            "UseDevelopmentEmulator=true;"
        )


class Bus:
    """Senders and receivers by entity, opened once and closed together: each costs the SDK a second."""

    def __init__(self, client):
        self.client = client
        self._handlers = {}

    async def sender(self, entity):
        return await self._open(("send", entity), lambda: self._sender(entity))

    async def receiver(self, entity, **options):
        key = ("receive", entity, *sorted(options.items()))
        return await self._open(key, lambda: self._receiver(entity, options))

    async def dead(self, entity):
        return await self.receiver(entity, sub_queue="deadletter")

    async def warm(self, *entities):
        """Open sender and receiver of each entity, all at once."""
        senders = (self.sender(name) for name in {entity.partition("/")[0] for entity in entities})
        await asyncio.gather(*senders, *map(self.receiver, entities))

    async def close(self):
        await asyncio.gather(*(handler.close() for handler in self._handlers.values()))

    async def _open(self, key, make):
        if key not in self._handlers:
            self._handlers[key] = make()
            await self._handlers[key]._open_with_retry()
        return self._handlers[key]

    def _sender(self, entity):
        if entity.startswith("topic"):
            return self.client.get_topic_sender(entity)
        return self.client.get_queue_sender(entity)

    def _receiver(self, entity, options):
        topic, _, subscription = entity.partition("/")
        if subscription:
            return self.client.get_subscription_receiver(topic, subscription, **options)
        return self.client.get_queue_receiver(entity, **options)


async def receive(receiver, count=1, *, within=5):
    """Receive exactly `count` messages."""
    messages = []
    deadline = asyncio.get_running_loop().time() + within
    while len(messages) < count and asyncio.get_running_loop().time() < deadline:
        messages += await receiver.receive_messages(count - len(messages), max_wait_time=1)
    assert len(messages) == count
    return messages


async def until(condition, *, within=8):
    """Poll an async condition until it gives something true, and return that."""
    deadline = asyncio.get_running_loop().time() + within
    while not (found := await condition()):
        assert asyncio.get_running_loop().time() < deadline, "it did not come to pass in time"
        await asyncio.sleep(0.05)
    return found
