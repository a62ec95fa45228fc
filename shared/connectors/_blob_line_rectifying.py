"""Correcting one person's lines in blobs that many people share; every other byte stays, in its order."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any

from shared.connectors._blob_line_reading import Line
from shared.connectors._blob_line_rewriting import LineRewriter
from shared.connectors._blob_line_search import Search, searches, walk
from shared.connectors._correcting import must_be_found, reading
from shared.domain.data_map import Dataset
from shared.domain.identity import Identifier
from shared.domain.json_editing import edited_bytes
from shared.ports.connector import Rectification, Rectified

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient


async def rectify_lines(
    container: "ContainerClient",
    dataset: Dataset,
    identifiers: Sequence[Identifier],
    rectification: Rectification,
    position: str | None,
) -> AsyncIterator[Rectified]:
    """Yield a step for every blob: it is written anew in one go, or not at all."""
    planned = searches(dataset, identifiers)
    still = searches(reading(dataset, rectification.values, lambda way: way.at["path"]), identifiers)

    def left(name: str, line: Line) -> bytes:
        must_be_found(any(search.finds(name, line.value) for search in still))
        return edited_bytes(line.data, rectification.values)

    stop = None
    async for stop in walk(container, planned, position):
        *earlier, own = planned[: stop.step + 1]
        rewriter = LineRewriter(container, _first(own, earlier), rectification.may_proceed, left)
        count, _ = await rewriter.rewrite(stop.item) if stop.item else (0, 0)
        yield Rectified(count=count, position=stop.then)
    if stop is None:
        yield Rectified()


def _first(own: Search, earlier: Sequence[Search]) -> Callable[[str, Any], bool]:
    """Return what tells the lines that one search finds and no earlier one has."""
    return lambda name, line: own.finds(name, line) and not any(one.finds(name, line) for one in earlier)
