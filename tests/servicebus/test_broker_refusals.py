"""What the broker does not do is refused with the error that the service gives."""

import asyncio

import pytest
from azure.servicebus import NEXT_AVAILABLE_SESSION, ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import (
    MessagingEntityNotFoundError,
    ServiceBusAuthenticationError,
    ServiceBusError,
)
from running_broker import receive


async def opened(handler):
    try:
        await handler._open_with_retry()
    finally:
        await handler.close()


NOT_THERE = (MessagingEntityNotFoundError, "could not be found")
NOT_ALLOWED = (ServiceBusError, "amqp:not-allowed")
LINKS = {
    "sender of an unknown queue": (lambda client: client.get_queue_sender("absent"), NOT_THERE),
    "receiver of an unknown subscription": (
        lambda client: client.get_subscription_receiver("topic", "absent"),
        NOT_THERE,
    ),
    "receiver of a topic": (lambda client: client.get_queue_receiver("topic"), NOT_ALLOWED),
    "sender to dead letters": (lambda client: client.get_queue_sender("plain/$deadletterqueue"), NOT_ALLOWED),
    "named session": (lambda client: client.get_queue_receiver("plain", session_id="s"), NOT_ALLOWED),
    "next session": (
        lambda client: client.get_queue_receiver("plain", session_id=NEXT_AVAILABLE_SESSION),
        NOT_ALLOWED,
    ),
}


@pytest.fixture(scope="module")
async def outcomes(bus):
    """What came of each link, all tried at once."""
    tries = (opened(make(bus.client)) for make, _ in LINKS.values())
    return dict(zip(LINKS, await asyncio.gather(*tries, return_exceptions=True), strict=True))


@pytest.mark.parametrize("link", LINKS)
async def test_a_link_that_cannot_be_is_refused(outcomes, link):
    error, words = LINKS[link][1]
    assert isinstance(outcomes[link], error)
    assert words in str(outcomes[link])


async def test_deferral_is_refused_and_the_message_stays_locked(bus):
    sender, receiver = await bus.sender("plain"), await bus.receiver("plain")
    await sender.send_messages(ServiceBusMessage("not deferred"))
    (message,) = await receive(receiver)
    with pytest.raises(ServiceBusError, match="not-implemented"):
        await receiver.defer_message(message)
    with pytest.raises(ServiceBusError, match="not-implemented"):
        await receiver._settle_message_via_mgmt_link("defered", [message.lock_token])
    with pytest.raises(ServiceBusError, match="not-implemented"):
        await receiver.receive_deferred_messages(message.sequence_number)
    await receiver._settle_message_via_mgmt_link("completed", [message.lock_token])
    assert await receiver.peek_messages(sequence_number=1) == []


@pytest.mark.parametrize(
    ("name", "key"), [pytest.param("local", "wrong", id="key"), pytest.param("other", "local", id="name")]
)
async def test_a_token_made_with_another_key_or_name_is_refused(broker, name, key):
    text = broker.connection_string.replace("SharedAccessKey=local", f"SharedAccessKey={key}")
    text = text.replace("SharedAccessKeyName=local", f"SharedAccessKeyName={name}")
    async with ServiceBusClient.from_connection_string(text, retry_total=0) as client:
        with pytest.raises(ServiceBusAuthenticationError):
            await opened(client.get_queue_sender("plain"))


async def test_an_entity_is_found_whatever_the_case_of_its_name(bus):
    await asyncio.gather(
        opened(bus.client.get_queue_sender("PLAIN")),
        opened(bus.client.get_subscription_receiver("Topic", "EVERYTHING", sub_queue="deadletter")),
    )
