"""Whatever comes in on one socket, it harms that connection alone."""

import asyncio
import socket

import pytest
from azure.servicebus import ServiceBusMessage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running_broker import receive
from wire import BEGIN, MESSAGE, PRELUDE, Wire, attach, flow, settle, transfer

from devhost.servicebus.amqp import frames
from devhost.servicebus.amqp.encode import (
    FALSE,
    NULL,
    TRUE,
    binary,
    described,
    list_of,
    map_of,
    string,
    uint,
    ushort,
)
from devhost.servicebus.amqp.message import properties_of
from devhost.servicebus.server.connection import Connection

REQUEST = (
    described(0x73, list_of((string("id"), NULL, NULL, NULL, string("plain/$management"))))
    + described(0x74, map_of([(string("operation"), string("com.microsoft:peek-message"))]))
    + described(0x77, map_of([(string("from-sequence-number"), uint(0)), (string("message-count"), uint(5))]))
)
CORPUS = [
    attach(0, receives=False, address="plain"),
    attach(1, receives=True, address="amqps://localhost/plain"),
    attach(2, receives=False, address="plain/$management"),
    attach(3, receives=True, address="plain/$management"),
    attach(4, receives=False, address="topic"),
    attach(5, receives=True, address="$cbs"),
    flow(1, 0, drain=TRUE),
    flow(1, 50),
    flow(3, 50),
    transfer(0, 0, MESSAGE),
    transfer(0, 1, described(0x75, binary(MESSAGE)) * 2, message_format=0x80013700),
    transfer(0, 2, MESSAGE, more=TRUE),
    transfer(2, 3, REQUEST),
    transfer(4, 4, MESSAGE),
    settle(0, 0, frames.ACCEPTED_STATE),
    settle(1, 1, frames.rejected("com.microsoft:dead-letter", "why")),
    settle(0, 0xFFFFFFFF, described(frames.MODIFIED, list_of((TRUE, FALSE)))),
    frames.frame(1, described(frames.DETACH, list_of((uint(1), TRUE)))),
    frames.frame(1, described(frames.END, list_of((NULL,)))),
    BEGIN,
    frames.EMPTY_FRAME,
    frames.close(NULL),
]


@st.composite
def damaged(draw):
    """A frame with some of its bytes changed, or cut short."""
    frame = bytearray(draw(st.sampled_from(CORPUS)))
    for _ in range(draw(st.integers(0, 3))):
        frame[draw(st.integers(0, len(frame) - 1))] = draw(st.integers(0, 255))
    return bytes(frame[: draw(st.integers(1, len(frame)))]) if draw(st.integers(0, 9)) == 0 else bytes(frame)


conversations = st.lists(st.one_of(st.sampled_from(CORPUS), damaged(), st.binary(max_size=60)), max_size=12)


def converse(broker, parts):
    """Say the parts on a connection that has a token, hang up, and return what came back."""
    connection, wire = Connection(broker), Wire()
    connection.connection_made(wire)
    connection.data_received(PRELUDE)
    connection.authorised = True
    for part in parts:
        connection.data_received(part)
        broker.turn.end()
    connection.connection_lost(None)
    broker.turn.end()
    return wire


async def test_no_conversation_breaks_the_broker_or_leaves_anything_behind(inner_broker):
    queue = inner_broker.namespace.queue("plain")

    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
    @given(conversations)
    def speak(parts):
        converse(inner_broker, parts)
        assert not inner_broker.connections
        assert not queue._consumers

    speak()
    assert not inner_broker.failed.done()


async def test_the_undamaged_conversation_is_understood(inner_broker):
    """Guards the test above: its frames reach the entities."""
    wire = converse(inner_broker, CORPUS)
    queue = inner_broker.namespace.queue("plain")
    dead = inner_broker.namespace.queue("plain/$deadletterqueue")
    (abandoned,) = queue.messages_from(0)
    (buried,) = dead.messages_from(0)
    assert abandoned.delivery_count == 1
    assert properties_of(buried.content)[1]["DeadLetterReason"] == "com.microsoft:dead-letter"
    assert b"statusCode" in wire.written
    assert wire.closed


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="HTTP"),
        pytest.param(b"\x16\x03\x01\x02\x00" + bytes(50), id="TLS"),
        pytest.param(frames.SASL_HEADER + b"\xff" * 64, id="after the SASL header"),
        pytest.param(PRELUDE + b"\x00\x00\x00\x10\x02\x00\x00\x01" + b"\xff" * 8, id="after the prelude"),
        pytest.param(PRELUDE + b"\xff\xff\xff\xff\x02\x00\x00\x01", id="endless frame"),
    ],
)
async def test_garbage_closes_its_own_socket_and_no_other(bus, broker, garbage):
    def closes():
        with socket.create_connection(("127.0.0.1", broker.port), timeout=5) as intruder:
            intruder.sendall(garbage)
            while intruder.recv(4096):
                pass
        return True

    assert await asyncio.to_thread(closes)
    sender, receiver = await bus.sender("plain"), await bus.receiver("plain")
    await sender.send_messages(ServiceBusMessage("undisturbed"))
    (message,) = await receive(receiver)
    await receiver.complete_message(message)
    assert str(message) == "undisturbed"


async def test_links_without_a_token_are_refused(inner_broker):
    connection, wire = Connection(inner_broker), Wire()
    connection.connection_made(wire)
    connection.data_received(PRELUDE + attach(0, receives=False, address="plain"))
    inner_broker.turn.end()
    connection.connection_lost(None)
    assert b"amqp:unauthorized-access" in wire.written
    assert ushort(1) in wire.written
