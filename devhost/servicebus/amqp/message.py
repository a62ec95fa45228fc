"""Messages as raw sections: taken apart once on arrival, spliced on delivery, never re-encoded."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from devhost.servicebus.amqp.decode import decode, skip, spans
from devhost.servicebus.amqp.encode import (
    FALSE,
    NULL,
    TRUE,
    compound,
    described,
    integer,
    list_of,
    long,
    string,
    symbol,
    timestamp,
    uint,
)
from devhost.servicebus.errors import DecodeError

HEADER, DELIVERY_ANNOTATIONS, ANNOTATIONS, PROPERTIES, APPLICATION_PROPERTIES = range(0x70, 0x75)
DATA, SEQUENCE, VALUE, FOOTER = range(0x75, 0x79)
BATCH_FORMAT = 0x80013700
LONGEST_TTL = 0xFFFFFFFF
_FOR_EVER = 922_337_203_685_477
_LAST_MOMENT = 253_402_300_799_999

_SCHEDULED = "x-opt-scheduled-enqueue-time"
_BROKER_KEYS = {
    "x-opt-sequence-number",
    "x-opt-enqueued-time",
    "x-opt-locked-until",
    "x-opt-enqueue-sequence-number",
    "x-opt-message-state",
    "x-opt-deadletter-source",
}
_SEQUENCE_KEY = symbol("x-opt-sequence-number")
_ORIGIN_KEY = symbol("x-opt-enqueue-sequence-number")
_ENQUEUED_KEY = symbol("x-opt-enqueued-time")
_LOCKED_KEY = symbol("x-opt-locked-until")
_STATE_KEY = symbol("x-opt-message-state")


@dataclass(frozen=True, slots=True)
class Content:
    """What the sender wrote: its annotations without the broker's own, and the sections from properties on."""

    message_id: str
    ttl: int | None
    annotation_count: int
    annotations: bytes
    sections: bytes

    def with_properties(self, extra: dict[str, str]) -> "Content":
        """Return the content with these application properties set, all others untouched."""
        kept: list[bytes] = []
        before, rest = b"", self.sections
        for code, pos, start, end in sections(self.sections):
            if code == PROPERTIES:
                before, rest = self.sections[:end], self.sections[end:]
            elif code == APPLICATION_PROPERTIES:
                before, rest = self.sections[:pos], self.sections[end:]
                kept = _pairs_without(self.sections, start, extra)
        flat = [*kept, *(string(part) for pair in extra.items() for part in pair)]
        body = compound(b"".join(flat), 2 * (len(kept) + len(extra)), 0xC1, 0xD1)
        return replace(self, sections=before + described(APPLICATION_PROPERTIES, body) + rest)


def parse(payload: bytes) -> tuple[Content, int | None]:
    """Take an encoded message apart; the second value is when it is to be enqueued, in epoch milliseconds.

    A message without an id is given one.
    """
    ttl = scheduled_at = None
    message_id: str | None = None
    count, annotations = 0, b""
    kept: list[tuple[int, bytes]] = []
    for code, pos, start, end in sections(payload):
        if code == HEADER:
            ttl = _ttl(_fields(payload, start, 5)[2])
        elif code == ANNOTATIONS:
            count, annotations, scheduled_at = _own_annotations(payload, start)
        elif code == PROPERTIES:
            fields = _fields(payload, start, 13)
            message_id = None if fields[0] is None else str(fields[0])
            if ttl == LONGEST_TTL and isinstance(fields[8], int) and isinstance(fields[9], int):
                ttl = _ttl(fields[8] - fields[9])
            kept.append((code, payload[pos:end]))
        elif code != DELIVERY_ANNOTATIONS:
            if code == APPLICATION_PROPERTIES and not isinstance(decode(payload, start)[0], dict):
                raise DecodeError("application properties are not a map")
            kept.append((code, payload[pos:end]))
    kept.sort(key=lambda section: section[0])
    if message_id is None:
        message_id = os.urandom(16).hex()
        properties = kept.pop(0)[1] if kept and kept[0][0] == PROPERTIES else None
        kept.insert(0, (PROPERTIES, _with_message_id(properties, message_id)))
    content = Content(message_id, ttl, count, annotations, b"".join(raw for _, raw in kept))
    return content, scheduled_at


def batched(payload: bytes) -> list[bytes]:
    """Return the encoded messages inside a batch envelope."""
    inner = [decode(payload, start)[0] for code, _, start, _ in sections(payload) if code == DATA]
    if not all(isinstance(encoded, bytes) for encoded in inner):
        raise DecodeError("batch of something else than messages")
    return inner


def sections(payload: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield code, start, start of the value and end of each section."""
    pos = 0
    while pos < len(payload):
        if payload[pos : pos + 2] == b"\x00\x53" and len(payload) > pos + 3:
            code, start = payload[pos + 2], pos + 3
        elif payload[pos : pos + 2] == b"\x00\x80":
            code, start = decode(payload, pos + 1)
        else:
            raise DecodeError("expected a message section")
        if not HEADER <= code <= FOOTER:
            raise DecodeError(f"unknown message section {code:#x}")
        end = skip(payload, start)
        yield code, pos, start, end
        pos = end


def delivered(
    content: Content,
    *,
    sequence: int,
    origin: int,
    enqueued_at: int,
    delivery_count: int,
    locked_until: int | None = None,
    state: int | None = None,
) -> bytes:
    """Write the message as a receiver gets it."""
    ttl = NULL if content.ttl is None else uint(min(content.ttl, LONGEST_TTL))
    head = described(HEADER, list_of((TRUE, NULL, ttl, FALSE, uint(delivery_count))))
    own = [
        _SEQUENCE_KEY + long(sequence),
        _ORIGIN_KEY + long(origin),
        _ENQUEUED_KEY + timestamp(enqueued_at),
    ]
    if locked_until is not None:
        own.append(_LOCKED_KEY + timestamp(locked_until))
    if state is not None:
        own.append(_STATE_KEY + integer(state))
    pairs = b"".join(own) + content.annotations
    annotations = compound(pairs, 2 * (len(own) + content.annotation_count), 0xC1, 0xD1)
    return head + described(ANNOTATIONS, annotations) + content.sections


def properties_of(content: Content) -> tuple[list[Any], dict[Any, Any]]:
    """Decode the properties and application properties."""
    fields: list[Any] = [None] * 13
    own: dict[Any, Any] = {}
    for code, _, start, _ in sections(content.sections):
        if code == PROPERTIES:
            fields = _fields(content.sections, start, 13)
        elif code == APPLICATION_PROPERTIES:
            own = decode(content.sections, start)[0]
    return fields, own


def _fields(payload: bytes, start: int, count: int) -> list[Any]:
    fields, _ = decode(payload, start)
    if not isinstance(fields, list):
        raise DecodeError("expected a list of fields")
    return fields + [None] * (count - len(fields))


def _ttl(value: object) -> int | None:
    return max(0, min(value, _FOR_EVER)) if isinstance(value, int) else None


def _own_annotations(payload: bytes, start: int) -> tuple[int, bytes, int | None]:
    kept = []
    scheduled_at = None
    parts = list(spans(payload, start))
    for key, value in zip(parts[::2], parts[1::2], strict=False):
        name = decode(payload, key[0])[0]
        if isinstance(name, str) and name in _BROKER_KEYS:
            continue
        if name == _SCHEDULED:
            scheduled_at = decode(payload, value[0])[0]
            if not isinstance(scheduled_at, int | None) or (scheduled_at or 0) > _LAST_MOMENT:
                raise DecodeError("scheduled enqueue time is not a possible time")
        kept.append(payload[key[0] : value[1]])
    return len(kept), b"".join(kept), scheduled_at


def _pairs_without(buf: bytes, start: int, dropped: dict[str, str]) -> list[bytes]:
    parts = list(spans(buf, start))
    return [
        buf[key[0] : value[1]]
        for key, value in zip(parts[::2], parts[1::2], strict=False)
        if decode(buf, key[0])[0] not in dropped
    ]


def _with_message_id(section: bytes | None, message_id: str) -> bytes:
    items = [string(message_id)]
    if section is not None:
        _, _, start, _ = next(sections(section))
        items += [section[begin:end] for begin, end in spans(section, start)][1:]
    return described(PROPERTIES, list_of(items))


def lock_token(value: object) -> bytes:
    """Return the delivery tag for a lock token as $management writes it."""
    if not isinstance(value, UUID):
        raise DecodeError("lock token is not a uuid")
    return value.bytes_le
