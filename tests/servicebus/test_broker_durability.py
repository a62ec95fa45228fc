"""What a killed broker knows when it is started again."""

import gc
import signal
from datetime import UTC, datetime, timedelta

import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import ServiceBusError
from running_broker import Bus, receive

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def sockets_left_behind():
    """The SDK leaves the sockets of a broken connection to the garbage collector: let it run here."""
    yield
    gc.collect()


async def test_nothing_confirmed_is_lost_when_the_broker_is_killed(own_broker):
    own_broker.start()
    async with ServiceBusClient.from_connection_string(own_broker.connection_string, retry_total=0) as client:
        bus = Bus(client)
        await bus.warm("plain", "later", "remembering", "topic/everything")
        sender, receiver = await bus.sender("plain"), await bus.receiver("plain")
        later, remembering = await bus.sender("later"), await bus.sender("remembering")
        await sender.send_messages([ServiceBusMessage(body) for body in ("buried", "counted", "locked", "done")])
        buried, counted, locked, done = await receive(receiver, 4)
        await receiver.dead_letter_message(buried, reason="why", error_description="weil")
        await receiver.abandon_message(counted)
        await receiver.complete_message(done)
        due = datetime.now(UTC) + timedelta(seconds=3)
        await later.send_messages(ServiceBusMessage("scheduled", scheduled_enqueue_time_utc=due))
        (cancellable,) = await later.schedule_messages(ServiceBusMessage("x"), due + timedelta(days=1))
        await remembering.send_messages(ServiceBusMessage("first", message_id="known"))
        await (await bus.sender("topic")).send_messages(ServiceBusMessage("copied"))

        own_broker.end(signal.SIGKILL)
        await bus.close()
    own_broker.start()
    async with ServiceBusClient.from_connection_string(own_broker.connection_string) as client:
        bus = Bus(client)
        await bus.warm("plain", "later", "remembering", "topic/everything")
        sender, receiver = await bus.sender("plain"), await bus.receiver("plain")
        later, remembering = await bus.sender("later"), await bus.sender("remembering")
        await remembering.send_messages(ServiceBusMessage("second", message_id="known"))
        await sender.send_messages(ServiceBusMessage("new"))
        messages = await receive(receiver, 3, within=20)
        assert [(str(message), message.delivery_count) for message in messages] == [
            ("counted", 1),
            ("locked", 0),
            ("new", 0),
        ]
        assert messages[0].message_id == counted.message_id
        assert messages[2].sequence_number > done.sequence_number
        assert messages[1].lock_token != locked.lock_token
        (dead,) = await receive(await bus.dead("plain"))
        assert (str(dead), dead.dead_letter_reason, dead.dead_letter_error_description) == (
            "buried",
            "why",
            "weil",
        )
        (scheduled,) = await receive(await bus.receiver("later"), within=20)
        assert str(scheduled) == "scheduled"
        await later.cancel_scheduled_messages(cancellable)
        (known,) = await receive(await bus.receiver("remembering"), within=20)
        assert str(known) == "first"
        assert len(await (await bus.receiver("remembering")).peek_messages(sequence_number=1)) == 1
        (copy,) = await receive(await bus.receiver("topic/everything"), within=20)
        assert str(copy) == "copied"
        await bus.close()


async def test_a_kill_in_the_middle_of_sending_loses_no_confirmed_message(own_broker):
    own_broker.start()
    confirmed = []
    async with ServiceBusClient.from_connection_string(own_broker.connection_string, retry_total=0) as client:
        bus = Bus(client)
        sender = await bus.sender("plain")
        try:
            for number in range(100_000):
                await sender.send_messages(ServiceBusMessage(str(number)))
                confirmed.append(str(number))
                if number == 200:
                    own_broker.process.send_signal(signal.SIGKILL)
        except ServiceBusError:
            own_broker.process.communicate(timeout=10)
        assert len(confirmed) > 200
        own_broker.start()
        receiver = await bus.receiver("plain", prefetch_count=100)
        found = []
        while messages := await receiver.receive_messages(100, max_wait_time=1):
            found += [str(message) for message in messages]
        assert found[: len(confirmed)] == confirmed
        assert len(found) <= len(confirmed) + 1
        await bus.close()
