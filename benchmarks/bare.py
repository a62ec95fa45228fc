"""Bare SDK calls of given kinds and numbers in a loop: what the same operations cost without any of our code."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psutil
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient

from benchmarks.clients import Plain, plain

JOURNEYS = 40
PER_BATCH = 400
QUEUE = "notifications"

type Call = Callable[[int], Awaitable[object]]


async def measure(told: Mapping[str, Any]) -> dict[str, float]:
    """Make the calls of forty journeys, some at a time as the app does, and return the CPU seconds for each."""
    env = told["env"]
    os.environ.update({name: env[name] for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER")})
    async with (
        plain(env) as clients,
        _broker() as (connection, broker),
        ServiceBusClient.from_connection_string(connection) as bus,
        bus.get_queue_sender(QUEUE) as send,
        bus.get_queue_receiver(QUEUE) as receive,
    ):
        calls = await _calls(clients)
        for call in calls.values():
            await call(0)
        started = _cpu(broker)
        await asyncio.gather(
            _made(calls, told["kinds"]), _messages(send, receive, told["kinds"]["bus send"], told["messages"])
        )
        return {"cpu_per_journey": (_cpu(broker) - started) / JOURNEYS}


async def _calls(clients: Plain) -> dict[str, Call]:
    await clients.state.create_table_if_not_exists("BenchBare")
    rows = clients.state.get_table_client("BenchBare")
    blobs = clients.exports.get_container_client("fragments")
    partition, body = str(uuid4()), os.urandom(1500)
    await rows.create_entity(_row(partition, "one"))
    await blobs.upload_blob(f"{partition}/get", body, overwrite=True)

    async def query(_: int) -> object:
        found = rows.query_entities("PartitionKey eq @p", parameters={"p": partition}, results_per_page=1000)
        return [row async for row in found]

    async def batch(number: int) -> object:
        own = f"{partition}-{number}"
        return await rows.submit_transaction([("create", _row(own, f"{at}-{uuid4()}")) for at in range(4)])

    async def get(_: int) -> object:
        return await (await blobs.download_blob(f"{partition}/get")).readall()

    async def post(number: int) -> object:
        await blobs.upload_blob(f"{partition}/gone-{number}", b"", overwrite=True)
        return await blobs.delete_blobs(f"{partition}/gone-{number}")

    return {
        "table read": lambda _: rows.get_entity(partition, "one"),
        "table query": query,
        "store read": query,
        "table write": lambda number: rows.create_entity(_row(f"{partition}-w", f"{number}-{uuid4()}")),
        "table batch": batch,
        "blob put": lambda number: blobs.upload_blob(f"{partition}/{number}", body, overwrite=True),
        "blob get": get,
        "blob post batch": post,
    }


def _row(partition: str, row: str) -> dict[str, str]:
    return {"PartitionKey": partition, "RowKey": row, "state": "x", "text": "x" * PER_BATCH}


async def _made(calls: Mapping[str, Call], kinds: Mapping[str, float]) -> None:
    work = [
        (kind, number) for kind, count in kinds.items() if kind in calls for number in range(round(count * JOURNEYS))
    ]
    waiting = iter(work)

    async def caller() -> None:
        for kind, number in waiting:
            await calls[kind](number)

    await asyncio.gather(*(caller() for _ in range(16)))


@asynccontextmanager
async def _broker() -> AsyncIterator[tuple[str, psutil.Process]]:
    """Start a broker of the yardstick's own: nobody else takes its messages, and its CPU is known apart."""
    with TemporaryDirectory() as folder:
        command = ["-m", "devhost.servicebus", "--config", "infra/servicebus.json", "--port", "0"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, "--database", f"{folder}/bus.sqlite", stdout=asyncio.subprocess.PIPE
        )
        try:
            if process.stdout is None:
                raise RuntimeError("the broker has no output")
            port = (await process.stdout.readline()).decode().strip().rpartition(":")[2]
            key = "SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true;"
            yield f"Endpoint=sb://127.0.0.1:{port};{key}", psutil.Process(process.pid)
        finally:
            process.terminate()
            await process.wait()


async def _messages(send: Any, receive: Any, sends: float, messages: int) -> None:
    calls, total = round(sends * JOURNEYS), messages * JOURNEYS
    per_call = total // calls

    async def sending() -> None:
        for _ in range(calls):
            some = [ServiceBusMessage("x" * 200, message_id=str(uuid4())) for _ in range(per_call)]
            await send.send_messages(some)

    async def receiving() -> None:
        left = calls * per_call
        while left > 0:
            for message in await receive.receive_messages(max_message_count=16, max_wait_time=30):
                await receive.complete_message(message)
                left -= 1

    await asyncio.gather(sending(), receiving())


def _cpu(broker: psutil.Process) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in (psutil.Process(), broker))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(json.load(sys.stdin)))))
