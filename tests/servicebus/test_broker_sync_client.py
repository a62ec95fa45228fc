"""The synchronous SDK client speaks to the same broker."""

import pytest
from azure.servicebus import ServiceBusClient, ServiceBusMessage
from azure.servicebus.exceptions import MessagingEntityNotFoundError


def test_the_synchronous_client_sends_receives_and_settles(own_broker):
    own_broker.start()
    with ServiceBusClient.from_connection_string(own_broker.connection_string, retry_total=0) as client:
        with pytest.raises(MessagingEntityNotFoundError), client.get_queue_sender("absent") as absent:
            absent.send_messages(ServiceBusMessage("nowhere"))
        with client.get_queue_sender("plain") as sender, client.get_queue_receiver("plain") as receiver:
            sender.send_messages([ServiceBusMessage("one"), ServiceBusMessage("two")])
            one, two = receiver.receive_messages(2, max_wait_time=5)
            receiver.renew_message_lock(one)
            receiver.complete_message(one)
            receiver.dead_letter_message(two, reason="tried")
            assert receiver.peek_messages(sequence_number=1) == []
        with client.get_queue_receiver("plain", sub_queue="deadletter") as dead:
            (found,) = dead.receive_messages(max_wait_time=5)
            dead.complete_message(found)
    assert (str(found), found.dead_letter_reason) == ("two", "tried")
