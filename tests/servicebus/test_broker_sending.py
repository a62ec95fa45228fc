"""Sending: what arrives is what was sent."""

import uuid

import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.amqp import AmqpAnnotatedMessage, AmqpMessageBodyType
from azure.servicebus.exceptions import MessageSizeExceededError
from running_broker import receive


async def test_a_message_arrives_with_everything_its_sender_wrote(bus):
    sender, receiver = await bus.sender("plain"), await bus.receiver("plain")
    own = {"text": "grün", "number": 7, "flag": True, "id": uuid.UUID(int=5), "ratio": 0.5}
    await sender.send_messages(
        ServiceBusMessage(
            b"body \x00\xff",
            message_id="m-1",
            subject="a subject",
            correlation_id="c-1",
            content_type="application/json",
            reply_to="elsewhere",
            to="someone",
            session_id="ignored here",
            application_properties=own,
        )
    )
    (message,) = await receive(receiver)
    assert message.locked_until_utc > message.enqueued_time_utc
    await receiver.complete_message(message)
    assert b"".join(message.body) == b"body \x00\xff"
    assert (message.message_id, message.subject, message.correlation_id) == ("m-1", "a subject", "c-1")
    assert (message.content_type, message.reply_to, message.to) == ("application/json", "elsewhere", "someone")
    assert message.application_properties == {
        b"text": "grün".encode(),
        b"number": 7,
        b"flag": True,
        b"id": uuid.UUID(int=5),
        b"ratio": 0.5,
    }
    assert message.delivery_count == 0
    assert message.sequence_number > 0


async def test_messages_come_in_the_order_they_were_sent(bus):
    sender, receiver = await bus.sender("plain"), await bus.receiver("plain")
    for number in range(20):
        await sender.send_messages(ServiceBusMessage(str(number)))
    messages = await receive(receiver, 20)
    for message in messages:
        await receiver.complete_message(message)
    assert [str(message) for message in messages] == [str(number) for number in range(20)]
    numbers = [message.sequence_number for message in messages]
    assert numbers == sorted(set(numbers))


async def test_a_batch_arrives_as_single_messages(bus):
    sender, receiver = await bus.sender("plain"), await bus.receiver("plain")
    batch = await sender.create_message_batch()
    for number in range(50):
        batch.add_message(ServiceBusMessage(f"part {number}", message_id=f"b-{number}"))
    await sender.send_messages(batch)
    messages = await receive(receiver, 50)
    for message in messages:
        await receiver.complete_message(message)
    assert [message.message_id for message in messages] == [f"b-{number}" for number in range(50)]


async def test_a_message_of_many_frames_arrives_whole(bus):
    sender, receiver = await bus.sender("plain"), await bus.receiver("plain")
    body = bytes(range(256)) * 3600
    await sender.send_messages(ServiceBusMessage(body))
    (message,) = await receive(receiver)
    await receiver.complete_message(message)
    assert b"".join(message.body) == body


async def test_a_message_over_the_limit_is_refused_and_the_link_lives_on(bus):
    sender, receiver = await bus.sender("plain"), await bus.receiver("plain")
    with pytest.raises(MessageSizeExceededError):
        await sender.send_messages(ServiceBusMessage(b"x" * 1_100_000))
    await sender.send_messages(ServiceBusMessage("small enough"))
    (message,) = await receive(receiver)
    await receiver.complete_message(message)
    assert str(message) == "small enough"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param(AmqpMessageBodyType.VALUE, {"value_body": {b"a": [1, None, b"x"]}}, id="value"),
        pytest.param(AmqpMessageBodyType.SEQUENCE, {"sequence_body": [[1, 2], [3]]}, id="sequence"),
    ],
)
async def test_bodies_of_other_kinds_are_kept(bus, kind, body):
    sender, receiver = await bus.sender("plain"), await bus.receiver("plain")
    await sender.send_messages(AmqpAnnotatedMessage(**body))
    (message,) = await receive(receiver)
    await receiver.complete_message(message)
    assert message.body_type == kind
    found = message.body if kind is AmqpMessageBodyType.VALUE else list(message.body)
    assert found == next(iter(body.values()))


async def test_a_received_message_can_be_sent_again(bus):
    sender, receiver = await bus.sender("plain"), await bus.receiver("plain")
    await sender.send_messages(ServiceBusMessage("again", message_id="r-1", application_properties={"k": "v"}))
    (first,) = await receive(receiver)
    await sender.send_messages(first)
    await receiver.complete_message(first)
    (second,) = await receive(receiver)
    await receiver.complete_message(second)
    assert (str(second), second.message_id, second.application_properties) == ("again", "r-1", {b"k": b"v"})
    assert second.sequence_number > first.sequence_number
