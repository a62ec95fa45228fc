"""Topics: every subscription gets its own copy of what its filters let through."""

from azure.servicebus import ServiceBusMessage
from running_broker import receive


async def drain(bus, subscription, count):
    receiver = await bus.receiver(f"topic/{subscription}")
    messages = await receive(receiver, count)
    for message in messages:
        await receiver.complete_message(message)
    assert await receiver.peek_messages(sequence_number=1) == []
    return [str(message) for message in messages]


async def test_each_subscription_gets_what_its_filters_match(bus):
    sender = await bus.sender("topic")
    await sender.send_messages(
        [
            ServiceBusMessage("red 3", application_properties={"colour": "red", "size": 3, "more": "x"}),
            ServiceBusMessage("red 4", application_properties={"colour": "red", "size": 4}),
            ServiceBusMessage("red true", application_properties={"colour": "red", "size": True}),
            ServiceBusMessage("no size", application_properties={"colour": "red"}),
            ServiceBusMessage("urgent", subject="urgent", correlation_id="c-1"),
            ServiceBusMessage("urgent elsewhere", subject="urgent", correlation_id="c-2"),
            ServiceBusMessage("no correlation", subject="urgent"),
            ServiceBusMessage("nothing"),
        ]
    )
    assert await drain(bus, "red", 2) == ["red 3", "urgent"]
    assert len(await drain(bus, "everything", 8)) == 8
    assert len(await drain(bus, "stated", 8)) == 8


async def test_settling_in_one_subscription_leaves_the_others_alone(bus):
    sender = await bus.sender("topic")
    receiver = await bus.receiver("topic/red")
    dead = await bus.receiver("topic/red", sub_queue="deadletter")
    await sender.send_messages(ServiceBusMessage("shared", subject="urgent", correlation_id="c-1"))
    (message,) = await receive(receiver)
    await receiver.abandon_message(message)
    (buried,) = await receive(dead)
    await dead.complete_message(buried)
    assert buried.dead_letter_reason == "MaxDeliveryCountExceeded"
    assert await drain(bus, "everything", 1) == ["shared"]
    assert await drain(bus, "stated", 1) == ["shared"]


async def test_a_topic_drops_duplicates_before_it_copies(bus):
    sender = await bus.sender("topic")
    for body in ("one", "two"):
        await sender.send_messages(ServiceBusMessage(body, message_id="topic-twin"))
    assert await drain(bus, "everything", 1) == ["one"]
    assert await drain(bus, "stated", 1) == ["one"]
