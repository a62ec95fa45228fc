"""The contract of Bus, over memory and a Service Bus broker."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from azure.servicebus import ServiceBusReceiveMode
from azure.servicebus.aio import ServiceBusClient

from shared.adapters.azure_service_bus import AzureServiceBus
from shared.adapters.memory_bus import MemoryBus
from shared.domain.errors import Transient
from shared.messages.commands import (
    AdvanceRequest,
    AssembleExport,
    PlanRequest,
    ProcessingChanged,
    RunServiceTask,
    SendCode,
    SendNotice,
)
from shared.telemetry import within_trace

ENTITIES = Path(__file__).parents[2] / "infra" / "servicebus.json"
QUEUES = ("planning", "advancing", "verification", "notifications", "export-assembly")
REQUEST = UUID("00000000-0000-4000-8000-000000000001")
KEY = "Endpoint=sb://127.0.0.1:{port};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true;"


def now():
    return datetime.now(UTC)


def of_every_kind(number):
    request = UUID(int=REQUEST.int + number)
    return [
        PlanRequest(request_id=request),
        AdvanceRequest(request_id=request, seq=7),
        SendCode(request_id=request, issue=2, attempt=3),
        SendNotice(request_id=request, notice="answered"),
        AssembleExport(request_id=request, block=4),
        RunServiceTask(request_id=request, task="export.0.a", lane="stores", traceparent="00-aa-bb-01"),
    ]


class Broker:
    """The local broker in a process of its own, and a look into its entities."""

    def __init__(self, folder):
        self.folder = folder
        self.port = 0

    async def start(self):
        options = ["--config", ENTITIES, "--database", self.folder / "bus.sqlite", "--port", str(self.port)]
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "devhost.servicebus",
            *options,
            cwd=ENTITIES.parents[1],
            stdout=asyncio.subprocess.PIPE,
        )
        line = await asyncio.wait_for(self.process.stdout.readline(), 20)
        assert line.startswith(b"ready"), line
        self.port = int(line.rsplit(b":")[-1])
        return self

    async def stop(self):
        self.process.terminate()
        await asyncio.wait_for(self.process.wait(), 20)

    @property
    def connection_string(self):
        return KEY.format(port=self.port)

    async def messages(self, entity):
        async with ServiceBusClient.from_connection_string(self.connection_string) as client:
            mode = ServiceBusReceiveMode.RECEIVE_AND_DELETE
            receiver = (
                client.get_subscription_receiver(entity, "stores", receive_mode=mode)
                if entity == "service-tasks"
                else client.get_queue_receiver(entity, receive_mode=mode)
            )
            async with receiver:
                found, some = [], await receiver.receive_messages(500, max_wait_time=2)
                while some:
                    found += some
                    some = await receiver.receive_messages(500, max_wait_time=0.2)
                return found


@pytest.fixture(scope="module")
async def broker(tmp_path_factory):
    broker = await Broker(tmp_path_factory.mktemp("bus")).start()
    yield broker
    await broker.stop()


@pytest.fixture(scope="module")
async def real(broker):
    bus = AzureServiceBus.from_connection_string(broker.connection_string, now)
    yield bus
    await bus.close()


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.stack)])
def delivering(request):
    """A bus, and what it delivers of these kinds of command."""
    if request.param == "memory":
        memory = MemoryBus()

        async def delivered(*kinds):
            return [command for command in memory.deliver() if isinstance(command, kinds)]

        return memory, delivered
    broker = request.getfixturevalue("broker")
    places = dict(
        zip(
            (PlanRequest, AdvanceRequest, SendCode, SendNotice, AssembleExport, RunServiceTask),
            [*QUEUES, "service-tasks"],
            strict=True,
        )
    )

    async def received(*kinds):
        found = await asyncio.gather(*(broker.messages(places[kind]) for kind in kinds))
        pairs = zip(kinds, found, strict=True)
        return [kind.model_validate_json(str(message)) for kind, messages in pairs for message in messages]

    return request.getfixturevalue("real"), received


async def test_every_kind_of_command_arrives_as_it_was_sent(delivering):
    bus, delivered = delivering
    sent = of_every_kind(10)
    await bus.send(sent)
    await bus.send([])
    assert await delivered(*(type(command) for command in sent)) == sent


async def test_word_of_changed_limits_is_taken_beside_commands_though_no_service_listens(delivering):
    bus, delivered = delivering
    word = ProcessingChanged(request_id=UUID(int=4), handle=f"k1.{'0a' * 32}", version=3)
    await bus.send([word, PlanRequest(request_id=UUID(int=4)), word])
    assert await delivered(PlanRequest) == [PlanRequest(request_id=UUID(int=4))]


async def test_a_delayed_command_is_not_delivered_before_its_time(delivering):
    bus, delivered = delivering
    await bus.send([PlanRequest(request_id=UUID(int=1))], delay=timedelta(hours=1))
    await bus.send([PlanRequest(request_id=UUID(int=2))])
    assert await delivered(PlanRequest) == [PlanRequest(request_id=UUID(int=2))]


async def test_what_many_send_at_once_arrives_all(delivering):
    bus, delivered = delivering
    sent = [SendCode(request_id=UUID(int=3), issue=number) for number in range(250)]
    await asyncio.gather(bus.send(sent[:130]), *(bus.send([command]) for command in sent[130:]))
    assert sorted(command.issue for command in await delivered(SendCode)) == list(range(250))


async def test_memory_delivers_a_delayed_command_when_its_time_has_come():
    bus = MemoryBus()
    await bus.send([PlanRequest(request_id=REQUEST)], delay=timedelta(minutes=2))
    bus.elapse(timedelta(minutes=1))
    assert bus.deliver() == []
    bus.elapse(timedelta(minutes=1))
    assert bus.deliver() == [PlanRequest(request_id=REQUEST)]
    assert bus.deliver() == []


@pytest.mark.stack
async def test_a_message_carries_ids_trace_and_lane_outside_its_body(broker, real):
    command = RunServiceTask(request_id=UUID(int=5), task="export.0.a", lane="stores", traceparent="00-aa-bb-01")
    await real.send([command])
    [message] = await broker.messages("service-tasks")
    assert message.message_id == command.message_id
    assert message.content_type == "application/json"
    assert message.application_properties == {b"lane": b"stores", b"Diagnostic-Id": b"00-aa-bb-01"}
    told = json.loads(str(message))
    assert (told["kind"], told["task_id"]) == ("run_service_task", f"{UUID(int=5)}.export.0.a")


@pytest.mark.stack
async def test_a_lane_without_a_subscription_gets_nothing(broker, real):
    await real.send([RunServiceTask(request_id=UUID(int=6), task="export.0.a", lane="elsewhere")])
    assert await broker.messages("service-tasks") == []


@pytest.mark.stack
async def test_a_command_sent_twice_is_delivered_once_and_a_new_attempt_again(broker, real):
    command = AssembleExport(request_id=UUID(int=7))
    await real.send([command])
    await real.send([command])
    await real.send([command.model_copy(update={"attempt": 2})])
    assert len(await broker.messages("export-assembly")) == 2


@pytest.mark.stack
async def test_a_short_delay_passes(broker, real):
    await real.send([SendNotice(request_id=UUID(int=8), notice="withdrawn")], delay=timedelta(milliseconds=200))
    async with asyncio.timeout(20):
        while not (found := await broker.messages("notifications")):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert len(found) == 1


@pytest.mark.stack
async def test_a_bus_that_is_gone_is_transient_and_found_again_when_it_is_back(tmp_path):
    broker = await Broker(tmp_path).start()
    bus = AzureServiceBus.from_connection_string(broker.connection_string, now)
    await bus.send([PlanRequest(request_id=UUID(int=1))])
    await broker.stop()
    with pytest.raises(Transient) as failed:
        await bus.send([PlanRequest(request_id=UUID(int=2))])
    assert failed.value.code == "bus_unreachable"
    with pytest.raises(Transient):
        await bus.reach()
    await broker.start()
    await bus.send([PlanRequest(request_id=UUID(int=3))])
    found = {json.loads(str(message))["request_id"] for message in await broker.messages("planning")}
    assert {str(UUID(int=1)), str(UUID(int=3))} <= found
    await bus.close()
    await broker.stop()


async def test_the_bus_answers_when_it_is_asked_whether_it_is_there(delivering):
    bus, delivered = delivering
    await bus.send([PlanRequest(request_id=UUID(int=9))])
    await bus.reach()
    assert await delivered(PlanRequest) == [PlanRequest(request_id=UUID(int=9))]


@pytest.mark.stack
async def test_a_command_carries_the_trace_it_was_sent_in(real, broker):
    with within_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"):
        await real.send([SendNotice(request_id=UUID(int=77), notice="answered")])
    [message] = await broker.messages("notifications")
    assert SendNotice.model_validate_json(str(message)).traceparent.startswith("00-0af7651916cd43dd8448eb211c80319c")
    properties = {name.decode(): value.decode() for name, value in message.application_properties.items()}
    assert properties["Diagnostic-Id"].startswith("00-0af7651916cd43dd8448eb211c80319c")
