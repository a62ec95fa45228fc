"""Blobs of JSON lines that many people share: only the lines of one person are handed over."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from shared.connectors._blob_line_reading import UNREADABLE, lines_of, pieces
from shared.connectors._blob_line_search import Search, Stop, searches, walk
from shared.connectors._blob_listing import Item
from shared.connectors._shape import Shape
from shared.domain.data_map import Dataset
from shared.domain.errors import Transient
from shared.domain.identity import Identifier
from shared.ports.connector import Counted, Page

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient


async def export_lines(
    container: "ContainerClient", dataset: Dataset, identifiers: Sequence[Identifier], position: str | None
) -> AsyncIterator[Page]:
    """Yield the matching lines of every blob, a piece at a time. What is appended while it reads may be left out."""
    planned, shape = searches(dataset, identifiers), Shape(dataset)
    stop = None
    async for stop in walk(container, planned, position):
        if stop.item is None:
            yield Page(position=stop.then)
            continue
        async for page in _pages(container, stop, stop.item, planned[: stop.step + 1], shape):
            yield page
    if stop is None:
        yield Page()


async def count_lines(
    container: "ContainerClient", dataset: Dataset, identifiers: Sequence[Identifier], position: str | None
) -> AsyncIterator[Counted]:
    """Yield how many lines match, a piece at a time; an unreadable line may be anybody's, and is not counted."""
    async for page in export_lines(container, dataset, identifiers, position):
        yield Counted(count=len(page.records), position=page.position)


async def _pages(
    container: "ContainerClient", stop: Stop, item: Item, planned: Sequence[Search], shape: Shape
) -> AsyncIterator[Page]:
    """Yield what the last of these searches finds in a blob and no earlier one has."""
    *earlier, own = planned
    if stop.offset >= item.size:
        yield Page(position=stop.then)
    try:
        async for piece in pieces(container, item.name, stop.offset, item.size):
            if not piece.last:
                continue
            lines = [line.value for line in lines_of(piece)]
            theirs = [
                line
                for line in lines
                if own.finds(item.name, line) and not any(search.finds(item.name, line) for search in earlier)
            ]
            yield Page(
                records=[shape.document(line) for line in theirs],
                unreadable=sum(line is UNREADABLE for line in lines),
                position=stop.within(item.name, piece.end) if piece.end < item.size else stop.then,
            )
    except Transient as failure:
        if failure.code != "gone_meanwhile":
            raise
        yield Page(position=stop.then)  # deleted since it was listed: nothing is held any more
