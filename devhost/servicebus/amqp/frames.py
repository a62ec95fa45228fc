"""The performatives the broker sends, each with its full field count, trailing nulls included."""

import struct

from devhost.servicebus.amqp.encode import (
    EMPTY_LIST,
    FALSE,
    NULL,
    TRUE,
    array_of,
    binary,
    boolean,
    described,
    error,
    list_of,
    string,
    symbol,
    ubyte,
    uint,
    ushort,
)

SASL_HEADER = b"AMQP\x03\x01\x00\x00"
AMQP_HEADER = b"AMQP\x00\x01\x00\x00"

OPEN, BEGIN, ATTACH, FLOW, TRANSFER, DISPOSITION, DETACH, END, CLOSE = range(0x10, 0x19)
SASL_MECHANISMS, SASL_INIT, SASL_OUTCOME = 0x40, 0x41, 0x44
RECEIVED, ACCEPTED, REJECTED, RELEASED, MODIFIED = range(0x23, 0x28)
FIELD_COUNTS = {
    OPEN: 10,
    BEGIN: 8,
    ATTACH: 14,
    FLOW: 11,
    TRANSFER: 11,
    DISPOSITION: 6,
    DETACH: 3,
    END: 1,
    CLOSE: 1,
    SASL_INIT: 3,
}

EMPTY_FRAME = b"\x00\x00\x00\x08\x02\x00\x00\x00"
ACCEPTED_STATE = described(ACCEPTED, EMPTY_LIST)
REJECTED_STATE = described(REJECTED, EMPTY_LIST)

_FRAME = struct.Struct(">IBBH")
_TRANSFER_OVERHEAD = 96


def frame(channel: int, body: bytes, kind: int = 0) -> bytes:
    """Write a frame around an encoded performative and its payload."""
    return _FRAME.pack(8 + len(body), 2, kind, channel) + body


def rejected(condition: str, description: str) -> bytes:
    """Write a delivery state that says why."""
    return described(REJECTED, list_of((error(condition, description),)))


def sasl_mechanisms() -> bytes:
    """Offer ANONYMOUS, in the array that the SDK insists on."""
    mechanisms = array_of(0xA3, (symbol("ANONYMOUS"),))
    return frame(0, described(SASL_MECHANISMS, list_of((mechanisms,))), kind=1)


def sasl_outcome(code: int) -> bytes:
    """Write the end of the SASL exchange; 0 is success."""
    return frame(0, described(SASL_OUTCOME, list_of((ubyte(code), NULL))), kind=1)


def open_(container: str, max_frame: int, channel_max: int) -> bytes:
    """Write an open without idle timeout: a client halted in a debugger keeps its connection."""
    fields = (string(container), NULL, uint(max_frame), ushort(channel_max), *[NULL] * 6)
    return frame(0, described(OPEN, list_of(fields)))


def close(cause: bytes) -> bytes:
    """Write a close; null is no error."""
    return frame(0, described(CLOSE, list_of((cause,))))


def begin(channel: int, next_outgoing_id: int, window: int, handle_max: int) -> bytes:
    """Write a begin that answers the peer's on the same channel."""
    fields = (
        ushort(channel),
        uint(next_outgoing_id),
        uint(window),
        uint(window),
        uint(handle_max),
        NULL,
        NULL,
        NULL,
    )
    return frame(channel, described(BEGIN, list_of(fields)))


def end(channel: int) -> bytes:
    """Write an end without error."""
    return frame(channel, described(END, list_of((NULL,))))


def attach(
    channel: int,
    *,
    name: str,
    handle: int,
    as_receiver: bool,
    settle_modes: tuple[int, int],
    source: bytes,
    target: bytes,
    max_message_size: bytes,
    properties: bytes = NULL,
) -> bytes:
    """Write an attach; `source` and `target` are the peer's own bytes, or nulls for a refusal."""
    fields = (
        string(name),
        uint(handle),
        boolean(as_receiver),
        ubyte(settle_modes[0]),
        ubyte(settle_modes[1]),
        source,
        target,
        NULL,
        FALSE,
        NULL if as_receiver else uint(0),
        max_message_size,
        NULL,
        NULL,
        properties,
    )
    return frame(channel, described(ATTACH, list_of(fields)))


def detach(channel: int, handle: int, *, closed: bool, cause: bytes = NULL) -> bytes:
    """Write a detach; null is no error."""
    return frame(channel, described(DETACH, list_of((uint(handle), boolean(closed), cause))))


def flow(
    channel: int,
    *,
    next_incoming_id: int,
    incoming_window: int,
    next_outgoing_id: int,
    outgoing_window: int,
    link: tuple[int, int, int, bool] | None = None,
) -> bytes:
    """Write a flow; `link` is handle, delivery count, credit and drain."""
    tail: tuple[bytes, ...] = (NULL,) * 7
    if link is not None:
        handle, delivery_count, credit, drain = link
        tail = (uint(handle), uint(delivery_count), uint(credit), NULL, boolean(drain), FALSE, NULL)
    windows = (
        uint(next_incoming_id),
        uint(incoming_window),
        uint(next_outgoing_id),
        uint(outgoing_window),
    )
    return frame(channel, described(FLOW, list_of(windows + tail)))


def disposition(channel: int, *, as_receiver: bool, delivery_id: int, state: bytes) -> bytes:
    """Write the settled outcome of one delivery."""
    number = uint(delivery_id)
    fields = (boolean(as_receiver), number, number, TRUE, state, FALSE)
    return frame(channel, described(DISPOSITION, list_of(fields)))


def transfer(
    channel: int,
    *,
    handle: int,
    delivery_id: int,
    tag: bytes,
    settled: bool,
    payload: bytes,
    max_frame: int,
) -> list[bytes]:
    """Write one message as as many frames as the peer's frame size asks for."""
    room = max_frame - _TRANSFER_OVERHEAD
    first = (uint(handle), uint(delivery_id), binary(tag), uint(0), boolean(settled))
    tail = (NULL, NULL, FALSE, FALSE, FALSE)
    if len(payload) <= room:
        return [frame(channel, described(TRANSFER, list_of((*first, FALSE, *tail))) + payload)]
    frames = []
    head = first
    for start in range(0, len(payload), room):
        more = boolean(start + room < len(payload))
        body = described(TRANSFER, list_of((*head, more, *tail)))
        frames.append(frame(channel, body + payload[start : start + room]))
        head = (first[0], NULL, NULL, NULL, first[4])
    return frames
