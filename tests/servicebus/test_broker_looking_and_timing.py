"""Peeking, scheduling, time to live and duplicate detection."""

from datetime import UTC, datetime, timedelta

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusMessageState
from azure.servicebus.exceptions import MessageNotFoundError
from running_broker import receive, until


def soon(**delta):
    return datetime.now(UTC) + timedelta(**delta)


async def peek(receiver, **options):
    return await receiver.peek_messages(**{"sequence_number": 1, "max_message_count": 10, **options})


async def test_peeking_shows_ready_locked_and_scheduled_messages_and_takes_none(bus):
    sender, receiver = await bus.sender("looked-at"), await bus.receiver("looked-at")
    await sender.send_messages([ServiceBusMessage("a"), ServiceBusMessage("b"), ServiceBusMessage("c")])
    await sender.schedule_messages(ServiceBusMessage("later"), soon(hours=1))
    (held,) = await receive(receiver)
    seen = await peek(receiver, max_message_count=10)
    assert [str(message) for message in seen] == ["a", "b", "c", "later"]
    assert [message.state for message in seen] == [ServiceBusMessageState.ACTIVE] * 3 + [
        ServiceBusMessageState.SCHEDULED
    ]
    assert [str(message) for message in await peek(receiver, max_message_count=2)] == ["a", "b"]
    further = await receiver.peek_messages(max_message_count=10)
    assert [str(message) for message in further] == ["c", "later"]
    from_c = await peek(receiver, sequence_number=seen[2].sequence_number)
    assert str(from_c[0]) == "c"
    await receiver.complete_message(held)
    rest = await receive(receiver, 2)
    for message in rest:
        await receiver.complete_message(message)
    assert [str(message) for message in rest] == ["b", "c"]
    await sender.cancel_scheduled_messages(seen[3].sequence_number)
    assert await peek(receiver) == []


async def test_a_message_sent_for_later_comes_on_time(bus):
    sender, receiver = await bus.sender("later"), await bus.receiver("later")
    due = soon(seconds=1)
    await sender.send_messages(ServiceBusMessage("later", scheduled_enqueue_time_utc=due))
    await sender.send_messages(ServiceBusMessage("now"))
    first, second = await receive(receiver, 2)
    for message in (first, second):
        await receiver.complete_message(message)
    assert (str(first), str(second)) == ("now", "later")
    assert second.enqueued_time_utc >= due.replace(microsecond=due.microsecond // 1000 * 1000)
    assert second.sequence_number > first.sequence_number


async def test_scheduled_messages_have_numbers_and_can_be_cancelled_once(bus):
    sender, receiver = await bus.sender("later"), await bus.receiver("later")
    due = soon(seconds=1)
    numbers = await sender.schedule_messages([ServiceBusMessage("kept"), ServiceBusMessage("cancelled")], due)
    assert len(set(numbers)) == 2
    await sender.cancel_scheduled_messages(numbers[1])
    with pytest.raises(MessageNotFoundError):
        await sender.cancel_scheduled_messages(numbers[1])
    (message,) = await receive(receiver)
    await receiver.complete_message(message)
    assert str(message) == "kept"
    assert await peek(receiver) == []


async def test_a_message_scheduled_to_a_topic_reaches_its_subscriptions_on_time(bus):
    sender = await bus.sender("topic")
    receiver = await bus.receiver("topic/everything")
    await sender.schedule_messages(ServiceBusMessage("later"), soon(seconds=1))
    assert await peek(receiver) == []
    (message,) = await receive(receiver)
    await receiver.complete_message(message)
    other = await bus.receiver("topic/stated")
    (copy,) = await receive(other)
    await other.complete_message(copy)
    assert (str(message), str(copy)) == ("later", "later")


async def test_an_expired_message_is_dropped_where_nothing_else_is_said(bus):
    sender, receiver, dead = await bus.sender("fleeting"), await bus.receiver("fleeting"), await bus.dead("fleeting")
    assert await peek(receiver) == []
    await sender.send_messages(ServiceBusMessage("by default"))
    await sender.send_messages(ServiceBusMessage("longer is cut", time_to_live=timedelta(hours=1)))
    (one, other) = await peek(receiver)
    assert (one.time_to_live, other.time_to_live) == (timedelta(seconds=2), timedelta(seconds=2))

    async def none_left():
        return not await peek(receiver)

    await until(none_left)
    assert await peek(dead) == []


async def test_an_expired_message_is_buried_where_that_is_asked_for(bus):
    sender, receiver, dead = await bus.sender("mourned"), await bus.receiver("mourned"), await bus.dead("mourned")
    await sender.send_messages(ServiceBusMessage("too late", time_to_live=timedelta(seconds=1)))
    await sender.send_messages(ServiceBusMessage("lasting", time_to_live=timedelta(days=40)))
    (buried,) = await receive(dead)
    await dead.complete_message(buried)
    (alive,) = await receive(receiver)
    await receiver.complete_message(alive)
    assert (str(buried), buried.dead_letter_reason) == ("too late", "TTLExpiredException")
    assert str(alive) == "lasting"


async def test_a_locked_message_does_not_expire_under_its_holder(bus):
    sender, receiver, dead = await bus.sender("mourned"), await bus.receiver("mourned"), await bus.dead("mourned")
    for body in ("completed", "abandoned"):
        await sender.send_messages(ServiceBusMessage(body, time_to_live=timedelta(seconds=2)))
    completed, abandoned = await receive(receiver, 2)
    await until(lambda: passed(abandoned.expires_at_utc))
    await receiver.complete_message(completed)
    await receiver.abandon_message(abandoned)
    (buried,) = await receive(dead)
    await dead.complete_message(buried)
    assert (str(buried), buried.dead_letter_reason) == ("abandoned", "TTLExpiredException")


async def passed(moment):
    return datetime.now(UTC) > moment + timedelta(milliseconds=100)


async def test_a_duplicate_within_the_window_is_dropped(bus):
    sender, receiver = await bus.sender("once"), await bus.receiver("once")
    await sender.send_messages(ServiceBusMessage("first", message_id="same"))
    await sender.send_messages(ServiceBusMessage("second", message_id="same"))
    batch = [ServiceBusMessage(str(number), message_id=name) for number, name in enumerate(("x", "x", "same"))]
    await sender.send_messages(batch)
    messages = await receive(receiver, 2)
    for message in messages:
        await receiver.complete_message(message)
    assert [str(message) for message in messages] == ["first", "0"]
    assert await peek(receiver) == []


async def test_after_the_window_the_same_id_is_new(bus):
    sender, receiver = await bus.sender("once"), await bus.receiver("once")
    await sender.send_messages(ServiceBusMessage("before", message_id="again"))
    (message,) = await receive(receiver)
    await receiver.complete_message(message)

    async def accepted_again():
        await sender.send_messages(ServiceBusMessage("after", message_id="again"))
        return await peek(receiver)

    await until(accepted_again)
    (message,) = await receive(receiver)
    await receiver.complete_message(message)
    assert str(message) == "after"
    assert message.enqueued_time_utc > datetime.now(UTC) - timedelta(seconds=5)
