"""Listen to the lane until asked to end: python -m samples.telemetry_service --data DIR."""

import argparse
import asyncio
import json
import os
import random
import signal
import ssl
import sys
from pathlib import Path

import httpx
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from azure.identity.aio import ManagedIdentityCredential
from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.aio import AutoLockRenewer, ServiceBusClient, ServiceBusReceiver
from azure.servicebus.exceptions import ServiceBusError

from devhost.host.lifeline import watch_stdin
from samples.telemetry_service.privacy import Privacy, Refused, TryAgain
from samples.telemetry_service.records import Records
from samples.telemetry_service.tasks import Tasks

TOPIC, LANE = "service-tasks", "telemetry"
AT_ONCE = 8
CALL_WITHIN = 30.0
LONGEST_PAUSE = 20.0


async def listen(data: Path) -> None:
    """Take messages until SIGTERM; those under way are finished."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    watch_stdin(asyncio.get_running_loop(), ended.set)
    records = Records(data)
    async with (
        ManagedIdentityCredential(client_id=os.environ["AZURE_CLIENT_ID"]) as credential,
        httpx.AsyncClient(timeout=CALL_WITHIN, verify=ssl.create_default_context()) as http,
        _bus(credential) as bus,
        bus.get_subscription_receiver(TOPIC, LANE) as receiver,
        AutoLockRenewer() as renewer,
    ):
        tasks = Tasks(Privacy(http, credential, os.environ["PRIVACY_URL"], os.environ["PRIVACY_AUDIENCE"]), records)
        print("ready", flush=True)
        while not ended.is_set():
            try:
                messages = await receiver.receive_messages(max_message_count=AT_ONCE, max_wait_time=1)
            except ServiceBusError as error:
                say(f"bus: {type(error).__name__}")
                await asyncio.sleep(1)
                continue
            for message in messages:
                renewer.register(receiver, message)
            await asyncio.gather(*(settle(receiver, message, tasks) for message in messages))
    records.close()


async def settle(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage, tasks: Tasks) -> None:
    """Do what a message asks, and settle it; one that cannot be settled comes again, which is harmless."""
    try:
        await work_on(receiver, message, tasks)
    except ServiceBusError as error:
        say(f"message not settled: {type(error).__name__}")


async def work_on(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage, tasks: Tasks) -> None:
    """Complete a message whose task is done or has ended; give it back, after a while, where that failed."""
    try:
        task_id = json.loads(str(message))["task_id"]
    except (ValueError, KeyError, TypeError):
        await receiver.dead_letter_message(message, reason="unreadable")
        return
    try:
        await tasks.do(task_id)
    except (TryAgain, Refused, AzureError) as error:
        say(f"task given back: {type(error).__name__} {error if not isinstance(error, AzureError) else ''}")
        await asyncio.sleep(min(2 ** (message.delivery_count or 0), LONGEST_PAUSE) * random.uniform(0.5, 1))
        await receiver.abandon_message(message)
    else:
        await receiver.complete_message(message)


def say(line: str) -> None:
    """Tell what happened: never whose data it was."""
    print(line, file=sys.stderr, flush=True)


def _bus(credential: AsyncTokenCredential) -> ServiceBusClient:
    connection = os.environ.get("SERVICE_BUS")
    if connection:
        return ServiceBusClient.from_connection_string(connection)
    return ServiceBusClient(os.environ["SERVICE_BUS_NAMESPACE"], credential)


def main() -> int:
    """Run it; what goes wrong is told in one line."""
    parser = argparse.ArgumentParser(prog="telemetry_service", description="A sample service with a lane of its own.")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="where its records lie")
    try:
        asyncio.run(listen(parser.parse_args().data))
    except KeyError as error:
        print(f"telemetry_service: {error} is not set", file=sys.stderr)
        return 2
    except (ServiceBusError, OSError) as error:
        print(f"telemetry_service: {type(error).__name__}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
