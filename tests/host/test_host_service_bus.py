"""Service Bus triggers against the local broker."""

import asyncio
import json
import signal
from contextlib import AsyncExitStack
from datetime import datetime

import pytest
from apps import HEAD
from azure.servicebus import ServiceBusMessage, ServiceBusSubQueue
from azure.servicebus.aio import ServiceBusClient
from running_bus import RunningBus
from running_host import DEADLINE, RunningHost

QUEUES = {
    "work": {"LockDuration": "PT1M", "MaxDeliveryCount": 3},
    "short": {"LockDuration": "PT5S", "MaxDeliveryCount": 3},
    "crash": {"LockDuration": "PT1M", "MaxDeliveryCount": 3},
}

APP = (
    HEAD
    + """
together = {"now": 0, "most": 0}

@app.service_bus_queue_trigger(arg_name="msg", queue_name="%WORK%", connection="ServiceBus")
async def worked(msg: func.ServiceBusMessage) -> None:
    body = msg.get_body().decode()
    if body == "poison":
        print("poison", msg.delivery_count)
        raise ValueError("secret of the message")
    if body == "crowd":
        together["now"] += 1
        together["most"] = max(together.values())
        await asyncio.sleep(0.2)
        together["now"] -= 1
        print("together", together["most"])
    if body == "long":
        print("long began")
        await asyncio.sleep(1)
        print("long ended")
    if body == "tell":
        names = ["application_properties", "user_properties", "content_type", "correlation_id", "delivery_count",
                 "message_id", "subject", "label", "sequence_number", "to", "reply_to", "session_id", "state",
                 "locked_until", "time_to_live", "scheduled_enqueue_time_utc", "dead_letter_reason"]
        seen = {name: getattr(msg, name) for name in names}
        seen["enqueued"] = [msg.enqueued_time_utc.isoformat(), msg.expires_at_utc.isoformat()]
        seen["token"] = bool(msg.lock_token)
        seen["names"] = sorted(msg.metadata)
        print("told", json.dumps(seen))
    if body == "greet":
        print("greeted", msg.message_id)

@app.service_bus_queue_trigger(arg_name="msg", queue_name="short", connection="ServiceBus")
async def renewed(msg: func.ServiceBusMessage) -> None:
    print("renewed began", msg.delivery_count)
    await asyncio.sleep(7)
    print("renewed ended", msg.delivery_count)

@app.service_bus_topic_trigger(arg_name="msg", topic_name="news", subscription_name="all", connection="ServiceBus")
def subscribed(msg: func.ServiceBusMessage) -> None:
    print("subscribed", msg.get_body().decode())

@app.service_bus_queue_trigger(arg_name="msg", queue_name="crash", connection="ServiceBus")
async def crashing(msg: func.ServiceBusMessage) -> None:
    print("crashing", msg.delivery_count)
    if msg.delivery_count == 1:
        await asyncio.sleep(0.1)
        os._exit(1)

@app.service_bus_queue_trigger(arg_name="msgs", queue_name="work", connection="ServiceBus", cardinality="many")
async def many(msgs: typing.List[func.ServiceBusMessage]) -> None:
    print("many ran")

@app.service_bus_queue_trigger(arg_name="msg", queue_name="work", connection="ServiceBus", is_sessions_enabled=True)
async def sessions(msg: func.ServiceBusMessage) -> None:
    print("sessions ran")

@app.service_bus_queue_trigger(arg_name="msg", queue_name="work", connection="Nowhere")
async def unconnected(msg: func.ServiceBusMessage) -> None:
    print("unconnected ran")

@app.service_bus_queue_trigger(arg_name="msg", queue_name="absent", connection="ServiceBus")
async def queueless(msg: func.ServiceBusMessage) -> None:
    print("queueless ran")
"""
)
HOST_JSON = {
    "version": "2.0",
    "logging": {"logLevel": {"default": "Warning"}},
    "extensions": {"serviceBus": {"maxConcurrentCalls": 4, "maxAutoLockRenewalDuration": "00:01:00"}},
}


class Stage:
    """Broker, host and a sender per entity."""

    def __init__(self, bus, host, client, stack):
        self.bus, self.host, self.client = bus, host, client
        self._stack, self._senders = stack, {}

    async def send(self, queue, *bodies, **properties):
        if queue not in self._senders:
            opening = self.client.get_topic_sender if queue == "news" else self.client.get_queue_sender
            self._senders[queue] = await self._stack.enter_async_context(opening(queue))
        await self._senders[queue].send_messages([ServiceBusMessage(body, **properties) for body in bodies])

    async def waiting(self, queue):
        """Messages that nobody holds."""
        async with self.client.get_queue_receiver(queue) as receiver:
            return [message.message_id for message in await receiver.peek_messages(max_message_count=50)]


@pytest.fixture(scope="session")
async def stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stage")
    async with AsyncExitStack() as stack:
        bus = await RunningBus(folder, QUEUES, ["news"]).start()
        stack.push_async_callback(bus.stop)
        host = RunningHost(folder, APP, settings={"ServiceBus": bus.connection, "WORK": "work"}, host_json=HOST_JSON)
        await host.start()
        stack.push_async_callback(host.stop)
        client = await stack.enter_async_context(ServiceBusClient.from_connection_string(bus.connection))
        yield Stage(bus, host, client, stack)


async def test_what_cannot_run_is_explained_and_the_rest_runs(stage):
    host = stage.host
    assert host.count("many does not run: cardinality MANY is not supported by this host") == 1
    assert host.count("sessions does not run: sessions are not supported by this host") == 1
    assert host.count("unconnected does not run: app setting Nowhere") == 1
    assert host.count("queueless: absent: MessagingEntityNotFoundError; trying again") == 1


async def test_a_message_reaches_its_function_and_is_completed(stage):
    await stage.send("work", "greet", message_id="hello")
    await stage.host.line("greeted hello")
    line = await stage.host.line(" worked ")
    assert " message succeeded - " in line
    async with asyncio.timeout(DEADLINE):
        while "hello" in await stage.waiting("work"):
            pass


async def test_a_message_of_a_subscription_reaches_its_function(stage):
    await stage.send("news", "breaking")
    assert await stage.host.line("worker | subscribed") == "worker | subscribed breaking"


async def test_metadata_are_those_of_the_real_extension(stage):
    properties = {"kind": "x", "n": 5, "b": True}
    await stage.send(
        *("work", "tell"),
        application_properties=properties,
        message_id="m-1",
        correlation_id="c-1",
        content_type="text/plain",
        subject="s-1",
    )
    seen = json.loads((await stage.host.line("worker | told ")).partition("told ")[2])
    assert seen["application_properties"] == seen["user_properties"] == properties
    assert [seen[name] for name in ("message_id", "correlation_id", "content_type")] == ["m-1", "c-1", "text/plain"]
    assert [seen["subject"], seen["label"], seen["delivery_count"]] == ["s-1", "s-1", 1]
    assert seen["sequence_number"] > 0
    assert seen["token"]
    absent = ("state", "locked_until", "time_to_live", "scheduled_enqueue_time_utc", "dead_letter_reason", "session_id")
    assert [seen[name] for name in absent] == [None] * len(absent)
    assert [datetime.fromisoformat(text).tzinfo for text in seen["enqueued"]] == [None, None]
    assert {"EnqueuedTime", "EnqueuedTimeUtc", "ExpiresAt", "ExpiresAtUtc", "LockToken"} <= set(seen["names"])


async def test_a_failing_message_is_abandoned_until_it_is_dead(stage):
    await stage.send("work", "poison", message_id="bad")
    await stage.host.line("poison 3")
    async with stage.client.get_queue_receiver("work", sub_queue=ServiceBusSubQueue.DEAD_LETTER) as dead:
        messages = await dead.receive_messages(max_wait_time=DEADLINE)
    assert [message.message_id for message in messages] == ["bad"]
    assert [stage.host.count(f"poison {times}") for times in (1, 2, 3, 4)] == [1, 1, 1, 0]
    assert stage.host.count("(ValueError at function_app.py:") == 3
    assert stage.host.count("secret of the message") == 0


async def test_so_many_run_at_once_as_host_json_says(stage):
    await stage.send("work", *["crowd"] * 12)
    await stage.host.line("together", times=12)
    assert await stage.host.line("together", times=12) == "worker | together 4"


async def test_a_lock_is_renewed_while_the_function_runs(stage):
    await stage.send("short", "x")
    assert await stage.host.line("renewed ended") == "worker | renewed ended 1"
    await stage.host.line(" renewed ")
    assert await stage.waiting("short") == []
    assert stage.host.count("renewed began") == 1


async def test_a_message_comes_again_when_the_worker_dies(stage):
    await stage.send("crash", "x")
    await stage.host.line("worker | crashing 2")
    assert stage.host.count("failed (the worker process ended)") == 1


async def test_a_message_is_made_up_by_an_administrator(stage):
    answer = await stage.host.as_master("POST", "/admin/functions/subscribed", json={"input": "made up"})
    assert answer.status_code == 202
    await stage.host.line("worker | subscribed made up")


async def test_the_host_comes_back_after_the_broker_and_ends_in_order(tmp_path):
    bus = await RunningBus(tmp_path, {"work": QUEUES["work"]}).start()
    source = HEAD + APP[len(HEAD) : APP.index('@app.service_bus_queue_trigger(arg_name="msg", queue_name="short"')]
    settings = {"ServiceBus": bus.connection, "WORK": "work"}
    host = await RunningHost(tmp_path, source, settings=settings, host_json=HOST_JSON).start()
    try:
        await bus.stop(signal.SIGKILL)
        await host.line("worked: work: ServiceBusConnectionError; trying again")
        await bus.start()
        await host.line("worked: connected to work again")
        async with (
            ServiceBusClient.from_connection_string(bus.connection) as client,
            client.get_queue_sender("work") as sender,
            client.get_queue_receiver("work") as receiver,
        ):
            await sender.send_messages(ServiceBusMessage("long"))
            await host.line("long began")
            assert await host.stop() == 0
            assert host.count("long ended") == 1
            assert await receiver.peek_messages() == []
    finally:
        await host.stop()
        await bus.stop()
