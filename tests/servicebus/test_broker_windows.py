"""What the peer's windows, frame size and idle timeout ask of a connection."""

import pytest
from running_broker import until
from wire import MESSAGE, PRELUDE, SASL_INIT, Wire, attach, flow, transfer

from devhost.servicebus.amqp import frames
from devhost.servicebus.amqp.decode import decode
from devhost.servicebus.amqp.encode import NULL, binary, described, list_of, string, uint
from devhost.servicebus.server.connection import Connection

SMALL = 512
HEADERS = frames.SASL_HEADER + SASL_INIT + frames.AMQP_HEADER


def begin(window):
    return frames.frame(1, described(frames.BEGIN, list_of((NULL, uint(0), uint(window), uint(100)))))


def session_flow(next_incoming_id, window):
    fields = (uint(next_incoming_id), uint(window), uint(1), uint(100))
    return frames.frame(1, described(frames.FLOW, list_of(fields)))


def transfers(written):
    """Return `more` and the payload of each transfer frame."""
    found, pos = [], 0
    while pos < len(written):
        if written[pos : pos + 4] == b"AMQP":
            pos += 8
            continue
        size = int.from_bytes(written[pos : pos + 4])
        body = written[pos + 8 : pos + size]
        if body:
            performative, end = decode(body, 0)
            if performative.descriptor == frames.TRANSFER:
                assert size <= SMALL
                found.append((performative.value[5], body[end:]))
        pos += size
    return found


@pytest.fixture
def connect(inner_broker):
    connections = []

    def make(prelude):
        connection, wire = Connection(inner_broker), Wire()
        connection.connection_made(wire)
        connection.data_received(prelude)
        connection.authorised = True
        connections.append(connection)

        def say(*parts):
            connection.data_received(b"".join(parts))
            inner_broker.turn.end()
            return transfers(wire.written)

        return say, wire

    yield make
    for connection in connections:
        connection.connection_lost(None)


async def test_no_frame_leaves_before_the_window_has_room_for_it(connect):
    say, _ = connect(HEADERS + frames.open_("client", SMALL, 255) + begin(1))
    body = described(0x75, binary(bytes(range(250)) * 5))
    say(attach(0, receives=False, address="plain"), transfer(0, 0, body))
    sent = say(attach(1, receives=True, address="plain"), flow(1, 5, window=1))
    assert [more for more, _ in sent] == [True]
    assert len(say(session_flow(1, 0))) == 1
    assert len(say(session_flow(1, 1))) == 2
    everything = say(session_flow(2, 100))
    assert [more for more, _ in everything] == [True] * (len(everything) - 1) + [False]
    assert b"".join(payload for _, payload in everything).endswith(body)


async def test_a_message_waits_for_another_receiver_while_one_has_no_window(connect):
    slow, _ = connect(HEADERS + frames.open_("client", SMALL, 255) + begin(0))
    slow(attach(0, receives=True, address="plain"), flow(0, 5, window=0))
    quick, _ = connect(PRELUDE)
    assert quick(attach(0, receives=False, address="plain"), transfer(0, 0, MESSAGE)) == []
    assert len(quick(attach(1, receives=True, address="plain"), flow(1, 5))) == 1
    assert slow(session_flow(0, 5)) == []


async def test_a_peer_that_does_not_read_is_sent_nothing_more(inner_broker, connect):
    say, _ = connect(PRELUDE)
    (connection,) = inner_broker.connections
    say(attach(0, receives=False, address="plain"), attach(1, receives=True, address="plain"), flow(1, 5))
    connection.pause_writing()
    assert say(transfer(0, 0, MESSAGE)) == []
    connection.resume_writing()
    assert len(say()) == 1


async def test_a_peer_with_an_idle_timeout_gets_empty_frames(connect):
    opening = frames.frame(0, described(frames.OPEN, list_of((string("c"), NULL, uint(512), uint(1), uint(100)))))
    _, wire = connect(HEADERS + opening)

    async def three_beats():
        return wire.written.count(frames.EMPTY_FRAME) >= 3

    await until(three_beats)
    assert not wire.closed
