"""Taking one person's lines out of blobs that many people share, or what is theirs out of those lines."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from shared.connectors._anonymised import Anonymised
from shared.connectors._blob_line_reading import Line
from shared.connectors._blob_line_rewriting import LineRewriter
from shared.connectors._blob_line_search import searches, walk
from shared.domain.data_map import Dataset
from shared.domain.identity import Identifier
from shared.ports.connector import Erased, Erasure

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient


async def erase_lines(
    container: "ContainerClient",
    dataset: Dataset,
    identifiers: Sequence[Identifier],
    erasure: Erasure,
    position: str | None,
) -> AsyncIterator[Erased]:
    """Yield a step for every blob: it is written anew in one go, or not at all."""
    planned = searches(dataset, identifiers)
    anonymised = Anonymised(dataset) if erasure.action == "anonymise" else None
    rewriter = LineRewriter(
        container,
        lambda name, line: any(search.finds(name, line) for search in planned),
        erasure.may_proceed,
        lambda _, line: _left(line, anonymised),
    )
    stop = None
    async for stop in walk(container, planned, position):
        count, unreadable = await rewriter.rewrite(stop.item) if stop.item else (0, 0)
        yield Erased(count=count, unreadable=unreadable, position=stop.then)
    if stop is None:
        yield Erased()


def _left(line: Line, anonymised: Anonymised | None) -> bytes:
    if anonymised is None:
        return b""
    end = line.data[len(line.data.rstrip(b"\r\n")) :]
    return json.dumps(anonymised.document(line.value)).encode() + end
