"""Write AMQP 1.0 values as bytes."""

import struct
from collections.abc import Iterable, Sequence

NULL = b"\x40"
TRUE = b"\x41"
FALSE = b"\x42"
EMPTY_LIST = b"\x45"
ZERO_UINT = b"\x43"

LONG = 0x81
TIMESTAMP = 0x83
SYMBOL = 0xA3


def boolean(value: object) -> bytes:
    """Write true or false."""
    return TRUE if value else FALSE


def ubyte(value: int) -> bytes:
    """Write an unsigned byte."""
    return bytes((0x50, value))


def ushort(value: int) -> bytes:
    """Write an unsigned 16-bit number."""
    return struct.pack(">BH", 0x60, value)


def uint(value: int) -> bytes:
    """Write an unsigned 32-bit number in its shortest form."""
    if value == 0:
        return ZERO_UINT
    if value < 256:
        return bytes((0x52, value))
    return struct.pack(">BI", 0x70, value)


def ulong(value: int) -> bytes:
    """Write an unsigned 64-bit number in its shortest form."""
    return bytes((0x53, value)) if value < 256 else struct.pack(">BQ", 0x80, value)


def integer(value: int) -> bytes:
    """Write a signed 32-bit number."""
    return struct.pack(">Bi", 0x71, value)


def long(value: int) -> bytes:
    """Write a signed 64-bit number."""
    return struct.pack(">Bq", LONG, value)


def timestamp(milliseconds: int) -> bytes:
    """Write a moment."""
    return struct.pack(">Bq", TIMESTAMP, milliseconds)


def binary(value: bytes) -> bytes:
    """Write bytes."""
    return _variable(value, 0xA0, 0xB0)


def string(value: str) -> bytes:
    """Write text."""
    return _variable(value.encode(), 0xA1, 0xB1)


def symbol(value: str) -> bytes:
    """Write an ASCII symbol."""
    return _variable(value.encode("ascii"), SYMBOL, 0xB3)


def described(code: int, value: bytes) -> bytes:
    """Write an encoded value under a numeric descriptor."""
    return b"\x00" + ulong(code) + value


def list_of(items: Sequence[bytes]) -> bytes:
    """Write a list of values that are already encoded."""
    return compound(b"".join(items), len(items), 0xC0, 0xD0) if items else EMPTY_LIST


def map_of(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Write a map of keys and values that are already encoded."""
    flat = [part for pair in pairs for part in pair]
    return compound(b"".join(flat), len(flat), 0xC1, 0xD1)


def array_of(constructor: int, items: Sequence[bytes]) -> bytes:
    """Write a non-empty array of values encoded with this one constructor."""
    body = bytes((constructor,)) + b"".join(item[1:] for item in items)
    return compound(body, len(items), 0xE0, 0xF0)


def compound(body: bytes, count: int, small: int, large: int) -> bytes:
    """Write a list, map or array whose items are already joined."""
    if len(body) < 255 and count < 256:
        return bytes((small, len(body) + 1, count)) + body
    return struct.pack(">BII", large, len(body) + 4, count) + body


def error(condition: str, description: str) -> bytes:
    """Write an error with all three fields, as the SDK reads them by position."""
    return described(0x1D, list_of((symbol(condition), string(description), map_of(()))))


def _variable(raw: bytes, small: int, large: int) -> bytes:
    if len(raw) < 256:
        return bytes((small, len(raw))) + raw
    return struct.pack(">BI", large, len(raw)) + raw
