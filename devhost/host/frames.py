"""The pipe between host and worker: frames of a small JSON header and a raw body."""

import asyncio
import json
import struct
from typing import Any

_LENGTHS = struct.Struct("!II")
READ_BUFFER = 1 << 20
_COPIED = 1 << 16

type Header = dict[str, Any]


async def read_frame(reader: asyncio.StreamReader) -> tuple[Header, bytes] | None:
    """Read the next frame, or None when the other side has gone."""
    try:
        header_length, body_length = _LENGTHS.unpack(await reader.readexactly(_LENGTHS.size))
        header = json.loads(await reader.readexactly(header_length))
        return header, await reader.readexactly(body_length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def write_frame(writer: asyncio.StreamWriter, header: Header, body: bytes = b"") -> None:
    """Queue one frame; frames of concurrent callers never mix."""
    encoded = json.dumps(header, separators=(",", ":")).encode()
    head = _LENGTHS.pack(len(encoded), len(body)) + encoded
    if len(body) < _COPIED:
        writer.write(head + body)
    else:
        writer.writelines((head, body))
