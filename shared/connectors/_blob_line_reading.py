"""Reading a blob of JSON lines a piece at a time, to the byte."""

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.connectors._blob_store import read_range
from shared.domain.json_path import parse_json

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

PIECE = 1024 * 1024  # read and parsed at a time; a longer line is unreadable
UNREADABLE = object()


class Piece(NamedTuple):
    """Bytes that end at `end`: whole lines, or a part of a line that is too long to be read, and whether its last."""

    data: bytes
    end: int
    too_long: bool = False
    last: bool = True


class Line(NamedTuple):
    """Bytes of a line with its end, and what it says: UNREADABLE, or None where it says nothing."""

    data: bytes
    value: Any


async def pieces(
    container: "ContainerClient", name: str, offset: int, size: int, etag: str | None = None
) -> AsyncIterator[Piece]:
    """Yield the blob from the beginning of a line on; with `etag`, that very version.

    Raises:
        Transient: `gone_meanwhile`, `changed_meanwhile`, and what else may pass.
    """
    inside = False
    while offset < size:
        data = await read_range(container, name, offset, min(PIECE, size - offset), etag)
        at_end = offset + len(data) >= size
        if inside:
            data = data[: data.find(b"\n") + 1] or data
            offset += len(data)
            inside = not (data.endswith(b"\n") or at_end)
            yield Piece(data, offset, too_long=True, last=not inside)
            continue
        whole = len(data) if at_end else data.rfind(b"\n") + 1
        inside = whole == 0
        data = data[:whole] or data
        offset += len(data)
        yield Piece(data, offset, too_long=inside, last=not inside)


def lines_of(piece: Piece) -> Iterator[Line]:
    """Yield the lines of a piece; joined together they are the same bytes again."""
    if piece.too_long:
        yield Line(piece.data, UNREADABLE if piece.last else None)
        return
    *ended, rest = piece.data.split(b"\n")
    for text in ended:
        yield Line(text + b"\n", _read(text))
    if rest:
        yield Line(rest, _read(rest))


def _read(text: bytes) -> Any:
    if not text.strip():
        return None
    try:
        return parse_json(text)
    except ValueError:
        return UNREADABLE
