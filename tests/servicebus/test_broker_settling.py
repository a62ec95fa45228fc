"""Settling, redelivery and the dead-letter queue."""

import asyncio
from datetime import timedelta

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusReceiveMode
from azure.servicebus.exceptions import MessageLockLostError, ServiceBusError
from running_broker import receive, until

QUEUE = "settling"


def unaware(message):
    """Keep the client from noticing the lost lock, so that the broker has to."""
    message._expiry = message.locked_until_utc + timedelta(hours=1)


async def is_empty(receiver):
    return not await receiver.peek_messages(sequence_number=1)


async def test_a_completed_message_is_gone(bus):
    sender, receiver = await bus.sender(QUEUE), await bus.receiver(QUEUE)
    await sender.send_messages(ServiceBusMessage("done"))
    (message,) = await receive(receiver)
    assert not await is_empty(receiver)
    await receiver.complete_message(message)
    assert await is_empty(receiver)


async def test_an_abandoned_message_comes_back_at_once_and_is_counted(bus):
    sender, receiver = await bus.sender(QUEUE), await bus.receiver(QUEUE)
    await sender.send_messages([ServiceBusMessage("first"), ServiceBusMessage("second")])
    (message,) = await receive(receiver)
    await receiver.abandon_message(message)
    again = await receive(receiver, 2)
    for message in again:
        await receiver.complete_message(message)
    assert [(str(message), message.delivery_count) for message in again] == [("first", 1), ("second", 0)]


async def test_too_many_deliveries_end_in_the_dead_letter_queue(bus):
    sender, receiver, dead = await bus.sender(QUEUE), await bus.receiver(QUEUE), await bus.dead(QUEUE)
    await sender.send_messages(ServiceBusMessage("poison", message_id="p-1"))
    for _ in range(3):
        (message,) = await receive(receiver)
        await receiver.abandon_message(message)
    (buried,) = await receive(dead)
    await dead.complete_message(buried)
    assert (buried.message_id, str(buried)) == ("p-1", "poison")
    assert buried.dead_letter_reason == "MaxDeliveryCountExceeded"
    assert buried.delivery_count == 3
    assert await is_empty(receiver)


async def test_a_dead_letter_carries_reason_and_description_and_can_be_replayed(bus):
    sender, receiver, dead = await bus.sender(QUEUE), await bus.receiver(QUEUE), await bus.dead(QUEUE)
    await sender.send_messages(ServiceBusMessage("judged", application_properties={"kept": 1}))
    (message,) = await receive(receiver)
    await receiver.dead_letter_message(message, reason="no such plan", error_description="größer als erlaubt")
    (peeked,) = await dead.peek_messages(sequence_number=1)
    (buried,) = await receive(dead)
    assert peeked.sequence_number == buried.sequence_number
    assert (buried.dead_letter_reason, buried.dead_letter_error_description) == (
        "no such plan",
        "größer als erlaubt",
    )
    assert buried.application_properties[b"kept"] == 1
    await sender.send_messages(buried)
    await dead.complete_message(buried)
    (replayed,) = await receive(receiver)
    await receiver.dead_letter_message(replayed, reason="still none")
    (again,) = await receive(dead)
    await dead.complete_message(again)
    assert again.dead_letter_reason == "still none"
    assert again.application_properties[b"kept"] == 1


async def test_a_dead_letter_may_be_abandoned_for_ever_but_not_buried_again(bus):
    sender, receiver, dead = await bus.sender(QUEUE), await bus.receiver(QUEUE), await bus.dead(QUEUE)
    await sender.send_messages(ServiceBusMessage("restless"))
    (message,) = await receive(receiver)
    await receiver.dead_letter_message(message)
    for count in range(5):
        (message,) = await receive(dead)
        assert message.delivery_count == count
        await dead.abandon_message(message)
    (message,) = await receive(dead)
    with pytest.raises(ServiceBusError, match="not-allowed"):
        await dead.dead_letter_message(message)
    await dead._settle_message_via_mgmt_link("completed", [message.lock_token])
    assert await is_empty(dead)


async def test_receive_and_delete_leaves_nothing(bus):
    sender = await bus.sender("handed-over")
    eager = await bus.receiver("handed-over", receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE)
    await sender.send_messages([ServiceBusMessage(str(number)) for number in range(3)])
    messages = await receive(eager, 3)
    assert [str(message) for message in messages] == ["0", "1", "2"]
    assert await is_empty(eager)


async def test_prefetched_messages_come_back_when_the_receiver_closes(bus):
    sender, receiver = await bus.sender(QUEUE), await bus.receiver(QUEUE)
    await sender.send_messages([ServiceBusMessage(str(number)) for number in range(5)])
    async with bus.client.get_queue_receiver(QUEUE, prefetch_count=10) as greedy:
        (one,) = await receive(greedy)
        await greedy.complete_message(one)
    rest = await receive(receiver, 4)
    for message in rest:
        await receiver.complete_message(message)
    assert [(str(message), message.delivery_count) for message in rest] == [(str(number), 0) for number in range(1, 5)]


async def test_a_waiting_receiver_is_woken_by_the_next_message(bus):
    sender, receiver = await bus.sender(QUEUE), await bus.receiver(QUEUE)
    waiting = asyncio.ensure_future(receiver.receive_messages(max_wait_time=20))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await sender.send_messages(ServiceBusMessage("wake up"))
    (message,) = await asyncio.wait_for(waiting, 10)
    await receiver.complete_message(message)
    assert str(message) == "wake up"


async def test_competing_receivers_share_the_messages(bus):
    sender, receiver = await bus.sender("shared"), await bus.receiver("shared")
    other = await bus.receiver("shared", prefetch_count=1)
    await sender.send_messages([ServiceBusMessage(str(number)) for number in range(40)])
    taken = {}

    async def work(name, worker):
        while messages := await worker.receive_messages(3, max_wait_time=1):
            for message in messages:
                taken.setdefault(str(message), []).append(name)
                await worker.complete_message(message)

    await asyncio.gather(work("a", receiver), work("b", other))
    assert sorted(map(int, taken)) == list(range(40))
    assert {names[0] for names in taken.values()} == {"a", "b"}
    assert all(len(names) == 1 for names in taken.values())


async def test_an_expired_lock_counts_as_a_failed_delivery(bus):
    sender, receiver = await bus.sender("brief"), await bus.receiver("brief")
    await sender.send_messages(ServiceBusMessage("slow"))
    (first,) = await receive(receiver)
    (second,) = await receive(receiver)
    await receiver.complete_message(second)
    assert (first.message_id, first.delivery_count) == (second.message_id, 0)
    assert second.delivery_count == 1


async def test_a_lock_that_expires_too_often_buries_the_message(bus):
    sender, receiver, dead = await bus.sender("brief"), await bus.receiver("brief"), await bus.dead("brief")
    await sender.send_messages(ServiceBusMessage("never settled"))
    assert [message.delivery_count for message in await receive(receiver, 3)] == [0, 1, 2]
    (buried,) = await receive(dead)
    await dead.complete_message(buried)
    assert buried.dead_letter_reason == "MaxDeliveryCountExceeded"


async def test_settling_after_the_lock_is_lost_is_refused_by_the_broker(bus):
    sender, receiver = await bus.sender("brief"), await bus.receiver("brief")
    await sender.send_messages(ServiceBusMessage("late"))
    (message,) = await receive(receiver)
    (second,) = await receive(receiver)
    unaware(message)
    with pytest.raises(MessageLockLostError):
        await receiver.complete_message(message)
    await receiver.complete_message(second)


async def test_a_renewed_lock_holds(bus):
    sender, receiver = await bus.sender("renewed"), await bus.receiver("renewed")
    await sender.send_messages(ServiceBusMessage("long work"))
    (message,) = await receive(receiver)
    first_end = message.locked_until_utc
    await asyncio.sleep(1.2)
    renewed_until = await receiver.renew_message_lock(message)
    assert renewed_until > first_end
    await asyncio.sleep(1.2)
    await receiver.complete_message(message)
    assert await is_empty(receiver)


async def test_a_lost_lock_cannot_be_renewed(bus):
    sender, receiver = await bus.sender("brief"), await bus.receiver("brief")
    await sender.send_messages(ServiceBusMessage("lost"))
    (message,) = await receive(receiver)
    (again,) = await receive(receiver)
    unaware(message)
    with pytest.raises(MessageLockLostError):
        await receiver.renew_message_lock(message)
    await receiver.complete_message(again)


@pytest.mark.parametrize(
    ("status", "left", "buried"),
    [
        pytest.param("completed", [], [], id="complete"),
        pytest.param("abandoned", [1], [], id="abandon"),
        pytest.param("suspended", [], ["because"], id="dead-letter"),
    ],
)
async def test_a_message_can_be_settled_without_its_link(bus, status, left, buried):
    sender, receiver, dead = await bus.sender(QUEUE), await bus.receiver(QUEUE), await bus.dead(QUEUE)
    await sender.send_messages(ServiceBusMessage("by token"))
    (message,) = await receive(receiver)
    details = {"deadletter-reason": "because"} if buried else None
    await receiver._settle_message_via_mgmt_link(status, [message.lock_token], details)
    assert [found.delivery_count for found in await receiver.peek_messages(sequence_number=1)] == left
    assert [found.dead_letter_reason for found in await dead.peek_messages(sequence_number=1)] == buried
    with pytest.raises(MessageLockLostError):
        await receiver._settle_message_via_mgmt_link(status, [message.lock_token], details)
    for found in await receive(receiver, len(left)):
        await receiver.complete_message(found)
    for found in await receive(dead, len(buried)):
        await dead.complete_message(found)


async def test_a_link_that_is_gone_leaves_the_lock_until_it_expires(bus):
    sender, receiver = await bus.sender("brief"), await bus.receiver("brief")
    await sender.send_messages(ServiceBusMessage("dropped"))
    gone = bus.client.get_queue_receiver("brief")
    (held,) = await receive(gone)
    await gone.close()
    (message,) = await until(lambda: receiver.receive_messages(max_wait_time=1))
    await receiver.complete_message(message)
    assert message.message_id == held.message_id
