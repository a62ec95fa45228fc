"""A broker in a process of its own, which a test may kill and start again."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from running_host import DEADLINE

PROJECT = Path(__file__).parents[2]


class RunningBus:
    def __init__(self, folder, queues, topics=()):
        self.config, self.database, self.port = folder / "bus.json", folder / "bus.sqlite", 0
        namespace = {
            "Name": "sbemulatorns",
            "Queues": [{"Name": name, "Properties": properties} for name, properties in queues.items()],
            "Topics": [{"Name": name, "Properties": {}, "Subscriptions": [{"Name": "all"}]} for name in topics],
        }
        self.config.write_text(json.dumps({"UserConfig": {"Namespaces": [namespace]}}))

    async def start(self):
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "devhost.servicebus", "--config", str(self.config)),
            *("--database", str(self.database), "--port", str(self.port)),
            cwd=PROJECT,
            stdout=PIPE,
        )
        async with asyncio.timeout(DEADLINE):
            line = (await self.process.stdout.readline()).decode()
        assert line.startswith("ready amqp://127.0.0.1:")
        self.port = int(line.rpartition(":")[2])
        return self

    async def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        await self.process.communicate()

    @property
    def connection(self):
        host = f"sb://127.0.0.1:{self.port}"
        return f"Endpoint={host};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true;"
