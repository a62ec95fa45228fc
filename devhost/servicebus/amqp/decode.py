"""Read AMQP 1.0 values from bytes."""

import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from devhost.servicebus.errors import DecodeError

MAX_DEPTH = 16
MAX_EMPTY_ITEMS = 256


class Described(NamedTuple):
    """A value with the descriptor that gives it its meaning."""

    descriptor: Any
    value: Any


type Reader = Callable[[bytes, int, int], tuple[Any, int]]

_READERS: dict[int, Reader] = {}
_FAULTS = (IndexError, struct.error, UnicodeDecodeError, TypeError)


def decode(buf: bytes, pos: int = 0) -> tuple[Any, int]:
    """Return the value at `pos` and the position after it; symbols come back as plain `str`."""
    try:
        return _decode(buf, pos, 0)
    except KeyError as unknown:
        raise DecodeError(f"unknown type constructor {unknown}") from None
    except _FAULTS:
        raise DecodeError("malformed or truncated value") from None


def skip(buf: bytes, pos: int) -> int:
    """Return the position after the value at `pos` without reading it."""
    try:
        end = _skip(buf, pos)
    except (IndexError, struct.error):
        raise DecodeError("truncated value") from None
    if end > len(buf):
        raise DecodeError("value runs past its frame")
    return end


def spans(buf: bytes, pos: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of each item of the list or map at `pos`."""
    code = buf[pos] if pos < len(buf) else None
    try:
        if code == 0x45:
            return
        if code in (0xC0, 0xC1):
            size, count, item = buf[pos + 1], buf[pos + 2], pos + 3
            end = pos + 2 + size
        elif code in (0xD0, 0xD1):
            size, count = struct.unpack_from(">II", buf, pos + 1)
            item = pos + 9
            end = pos + 5 + size
        else:
            raise DecodeError("expected a list or a map")
    except (IndexError, struct.error):
        raise DecodeError("truncated value") from None
    for _ in range(count):
        after = skip(buf, item)
        if after > end:
            raise DecodeError("item runs past its list")
        yield item, after
        item = after


def _skip(buf: bytes, pos: int) -> int:
    code = buf[pos]
    if code == 0:
        return _skip_described(buf, pos)
    kind = code >> 4
    if kind in _FIXED:
        return pos + 1 + _FIXED[kind]
    if kind in (0xA, 0xC, 0xE):
        return pos + 2 + buf[pos + 1]
    if kind in (0xB, 0xD, 0xF):
        return pos + 5 + int(struct.unpack_from(">I", buf, pos + 1)[0])
    raise DecodeError(f"unknown type constructor {code:#x}")


def _skip_described(buf: bytes, pos: int) -> int:
    if buf[pos + 1] == 0 or buf[skip(buf, pos + 1)] == 0:
        raise DecodeError("described value inside a descriptor")
    return _skip(buf, _skip(buf, pos + 1))


_FIXED = {4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16}


def _decode(buf: bytes, pos: int, depth: int) -> tuple[Any, int]:
    return _READERS[buf[pos]](buf, pos + 1, depth)


def _constant(value: Any) -> Reader:
    return lambda _buf, pos, _depth: (value, pos)


def _fixed(layout: str) -> Reader:
    shape = struct.Struct(layout)
    unpack, size = shape.unpack_from, shape.size
    return lambda buf, pos, _depth: (unpack(buf, pos)[0], pos + size)


def _byte(buf: bytes, pos: int, _depth: int) -> tuple[int, int]:
    return buf[pos], pos + 1


def _uuid(buf: bytes, pos: int, _depth: int) -> tuple[UUID, int]:
    return UUID(bytes=_cut(buf, pos, 16)), pos + 16


def _cut(buf: bytes, pos: int, size: int) -> bytes:
    if pos + size > len(buf):
        raise IndexError
    return buf[pos : pos + size]


def _variable(width: int, convert: Callable[[bytes], Any]) -> Reader:
    def read(buf: bytes, pos: int, _depth: int) -> tuple[Any, int]:
        size = buf[pos] if width == 1 else struct.unpack_from(">I", buf, pos)[0]
        pos += width
        return convert(_cut(buf, pos, size)), pos + size

    return read


def _items(width: int) -> Callable[[bytes, int, int], tuple[list[Any], int]]:
    def read(buf: bytes, pos: int, depth: int) -> tuple[list[Any], int]:
        if width == 1:
            size, count = buf[pos], buf[pos + 1]
        else:
            size, count = struct.unpack_from(">II", buf, pos)
        end = pos + width + size
        if depth >= MAX_DEPTH or end > len(buf) or count > size:
            raise DecodeError("malformed or too deeply nested list")
        pos += 2 * width
        items = []
        for _ in range(count):
            item, pos = _READERS[buf[pos]](buf, pos + 1, depth + 1)
            items.append(item)
        if pos != end:
            raise DecodeError("list size and content disagree")
        return items, end

    return read


def _mapping(width: int) -> Reader:
    read_items = _items(width)

    def read(buf: bytes, pos: int, depth: int) -> tuple[dict[Any, Any], int]:
        items, end = read_items(buf, pos, depth)
        if len(items) % 2:
            raise DecodeError("map with a key but no value")
        return dict(zip(items[::2], items[1::2], strict=True)), end

    return read


def _array(width: int) -> Reader:
    def read(buf: bytes, pos: int, depth: int) -> tuple[list[Any], int]:
        if width == 1:
            size, count = buf[pos], buf[pos + 1]
        else:
            size, count = struct.unpack_from(">II", buf, pos)
        end = pos + width + size
        pos += 2 * width
        if depth >= MAX_DEPTH or end > len(buf) or count > max(size, MAX_EMPTY_ITEMS):
            raise DecodeError("malformed or too deeply nested array")
        descriptor = None
        described = buf[pos] == 0
        if described:
            descriptor, pos = _decode(buf, pos + 1, depth + 1)
        reader = _READERS[buf[pos]]
        pos += 1
        items = []
        for _ in range(count):
            item, pos = reader(buf, pos, depth + 1)
            items.append(Described(descriptor, item) if described else item)
        if pos != end:
            raise DecodeError("array size and content disagree")
        return items, end

    return read


def _described(buf: bytes, pos: int, depth: int) -> tuple[Described, int]:
    if depth >= MAX_DEPTH:
        raise DecodeError("too deeply nested description")
    descriptor, pos = _decode(buf, pos, depth + 1)
    value, pos = _decode(buf, pos, depth + 1)
    return Described(descriptor, value), pos


def _text(raw: bytes) -> str:
    return raw.decode()


def _ascii(raw: bytes) -> str:
    return raw.decode("ascii")


_READERS.update(
    {
        0x00: _described,
        0x40: _constant(None),
        0x41: _constant(value=True),
        0x42: _constant(value=False),
        0x43: _constant(0),
        0x44: _constant(0),
        0x45: lambda _buf, pos, _depth: ([], pos),
        0x50: _byte,
        0x51: _fixed(">b"),
        0x52: _byte,
        0x53: _byte,
        0x54: _fixed(">b"),
        0x55: _fixed(">b"),
        0x56: _fixed(">?"),
        0x60: _fixed(">H"),
        0x61: _fixed(">h"),
        0x70: _fixed(">I"),
        0x71: _fixed(">i"),
        0x72: _fixed(">f"),
        0x73: _fixed(">I"),
        0x74: _fixed(">4s"),
        0x80: _fixed(">Q"),
        0x81: _fixed(">q"),
        0x82: _fixed(">d"),
        0x83: _fixed(">q"),
        0x84: _fixed(">8s"),
        0x94: _fixed(">16s"),
        0x98: _uuid,
        0xA0: _variable(1, bytes),
        0xA1: _variable(1, _text),
        0xA3: _variable(1, _ascii),
        0xB0: _variable(4, bytes),
        0xB1: _variable(4, _text),
        0xB3: _variable(4, _ascii),
        0xC0: _items(1),
        0xC1: _mapping(1),
        0xD0: _items(4),
        0xD1: _mapping(4),
        0xE0: _array(1),
        0xF0: _array(4),
    }
)
