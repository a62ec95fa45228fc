"""The parts of a ZIP file, with ZIP64 where sizes ask for it (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3).

Members are finished before they are placed: sizes and CRC stand in their local header, so that no data descriptor is
needed and every reader copes. A member's bytes do not depend on where in the archive it ends up.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

STORED, DEFLATED = 0, 8
_LIMIT32, _LIMIT16 = 0xFFFF_FFFF, 0xFFFF
_UTF8_NAME = 0x0800
_UNIX_REGULAR_FILE = 0o100600 << 16


class Member(NamedTuple):
    """One finished member: its path, sizes in bytes, checksum, and how it is packed."""

    path: str
    size: int
    packed_size: int
    crc: int
    method: int


def dos_time(at: datetime) -> tuple[int, int]:
    """Return MS-DOS time and date, of two seconds' grain; the zone is the caller's."""
    return (
        at.hour << 11 | at.minute << 5 | at.second // 2,
        (max(at.year, 1980) - 1980) << 9 | at.month << 5 | at.day,
    )


def local_header(member: Member, at: datetime) -> bytes:
    """Return what stands before a member's packed bytes."""
    name = member.path.encode()
    large = member.size >= _LIMIT32 or member.packed_size >= _LIMIT32
    extra = struct.pack("<HHQQ", 1, 16, member.size, member.packed_size) if large else b""
    return (
        struct.pack(
            "<4sHHHHHLLLHH",
            b"PK\x03\x04",
            45 if large else 20,
            _UTF8_NAME,
            member.method,
            *dos_time(at),
            member.crc,
            _LIMIT32 if large else member.packed_size,
            _LIMIT32 if large else member.size,
            len(name),
            len(extra),
        )
        + name
        + extra
    )


def placed_size(member: Member) -> int:
    """Return how many bytes a member takes with its local header."""
    large = member.size >= _LIMIT32 or member.packed_size >= _LIMIT32
    return 30 + len(member.path.encode()) + (20 if large else 0) + member.packed_size


def central_directory(members: Iterable[tuple[Member, int]], at: datetime, start: int) -> Iterator[bytes]:
    """Yield the directory that ends an archive, in pieces.

    Args:
        members: each with the offset of its local header.
        at: the time every member bears.
        start: the offset at which the directory itself stands.
    """
    count = size = 0
    for member, offset in members:
        entry = _central_entry(member, offset, at)
        count += 1
        size += len(entry)
        yield entry
    if count >= _LIMIT16 or size >= _LIMIT32 or start >= _LIMIT32:
        yield struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
        yield struct.pack("<4sLQL", b"PK\x06\x07", 0, start + size, 1)
    yield struct.pack(
        "<4sHHHHLLH",
        b"PK\x05\x06",
        0,
        0,
        min(count, _LIMIT16),
        min(count, _LIMIT16),
        min(size, _LIMIT32),
        min(start, _LIMIT32),
        0,
    )


def _central_entry(member: Member, offset: int, at: datetime) -> bytes:
    name = member.path.encode()
    large = [number for number in (member.size, member.packed_size, offset) if number >= _LIMIT32]
    extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    return (
        struct.pack(
            "<4sBBHHHHHLLLHHHHHLL",
            b"PK\x01\x02",
            45 if large else 20,
            3,
            45 if large else 20,
            _UTF8_NAME,
            member.method,
            *dos_time(at),
            member.crc,
            min(member.packed_size, _LIMIT32),
            min(member.size, _LIMIT32),
            len(name),
            len(extra),
            0,
            0,
            0,
            _UNIX_REGULAR_FILE,
            min(offset, _LIMIT32),
        )
        + name
        + extra
    )


def packed(path: str, data: bytes) -> tuple[Member, bytes]:
    """Pack a small file at once; returns the member and its packed bytes."""
    pressed = zlib.compress(data, 6, wbits=-15)
    return Member(path, len(data), len(pressed), zlib.crc32(data), DEFLATED), pressed


def closed(
    placed: Sequence[tuple[Member, int]], offset: int, files: Iterable[tuple[str, bytes]], at: datetime
) -> bytes:
    """Return what ends a ZIP file: the last members, small enough to be held, and the directory of all.

    `placed` are the members before these with their places, `offset` is where they end; a ZIP file of its own has none.
    """
    whole, pieces = list(placed), list[bytes]()
    for path, data in files:
        member, pressed = packed(path, data)
        whole.append((member, offset))
        pieces += [local_header(member, at), pressed]
        offset += placed_size(member)
    return b"".join([*pieces, *central_directory(whole, at, offset)])
