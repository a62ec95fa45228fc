"""Frames that a client would send, and a transport that keeps what it is given."""

import asyncio

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
    symbol,
    ubyte,
    uint,
)

SASL_INIT = frames.frame(0, described(frames.SASL_INIT, list_of((symbol("ANONYMOUS"), binary(b""), NULL))), kind=1)
OPEN = frames.open_("client", 65536, 255)
BEGIN = frames.frame(1, described(frames.BEGIN, list_of((NULL, uint(0), uint(100), uint(100)))))
PRELUDE = frames.SASL_HEADER + SASL_INIT + frames.AMQP_HEADER + OPEN + BEGIN


def attach(handle, *, receives, address):
    node = list_of((string(address),))
    fields = (string(f"link {handle}"), uint(handle), TRUE if receives else FALSE, ubyte(0), ubyte(1))
    ends = (described(0x28, node), described(0x29, node))
    return frames.frame(1, described(frames.ATTACH, list_of((*fields, *ends))))


def transfer(handle, delivery_id, payload, *, more=FALSE, message_format=0):
    fields = (uint(handle), uint(delivery_id), binary(b"tag"), uint(message_format), FALSE, more)
    return frames.frame(1, described(frames.TRANSFER, list_of(fields)) + payload)


def settle(first, last, state):
    return frames.frame(1, described(frames.DISPOSITION, list_of((TRUE, uint(first), uint(last), FALSE, state))))


def flow(handle, credit, *, drain=FALSE, window=100):
    fields = (uint(0), uint(window), uint(0), uint(100), uint(handle), uint(0), uint(credit), NULL, drain, TRUE)
    return frames.frame(1, described(frames.FLOW, list_of(fields)))


MESSAGE = (
    described(0x70, list_of((TRUE, NULL, uint(60_000))))
    + described(0x72, map_of([(symbol("x-opt-scheduled-enqueue-time"), NULL)]))
    + described(0x73, list_of((string("id"), NULL)))
    + described(0x74, map_of([(string("key"), string("value"))]))
    + described(0x75, binary(b"body"))
)


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self):
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data):
        self.written += data

    def close(self):
        self.closed = True
