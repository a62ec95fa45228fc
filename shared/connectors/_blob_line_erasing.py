"""Taking one person's lines out of blobs that many people share; every other byte stays, in its order."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from shared.connectors._anonymised import Anonymised
from shared.connectors._blob_line_reading import UNREADABLE, Line, lines_of, pieces
from shared.connectors._blob_line_search import Search, searches, walk
from shared.connectors._blob_listing import Item
from shared.connectors._blob_rewriting import begin
from shared.domain.data_map import Dataset
from shared.domain.errors import Transient
from shared.domain.identity import Identifier
from shared.ports.connector import Erased, Erasure

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

_ATTEMPTS = 5


async def erase_lines(
    container: "ContainerClient",
    dataset: Dataset,
    identifiers: Sequence[Identifier],
    erasure: Erasure,
    position: str | None,
) -> AsyncIterator[Erased]:
    """Yield a step for every blob: it is written anew in one go, or not at all."""
    planned = searches(dataset, identifiers)
    eraser = _Eraser(container, planned, erasure, Anonymised(dataset) if erasure.action == "anonymise" else None)
    stop = None
    async for stop in walk(container, planned, position):
        count, unreadable = await eraser.erase(stop.item) if stop.item else (0, 0)
        yield Erased(count=count, unreadable=unreadable, position=stop.then)
    if stop is None:
        yield Erased()


class _Eraser:
    def __init__(
        self, container: "ContainerClient", planned: Sequence[Search], erasure: Erasure, anonymised: Anonymised | None
    ) -> None:
        self._container = container
        self._planned = planned
        self._erasure = erasure
        self._anonymised = anonymised

    async def erase(self, item: Item) -> tuple[int, int]:
        """Return how many lines were erased, and how many could not be read."""
        for attempt in range(_ATTEMPTS):
            try:
                if attempt == 0:
                    held, unreadable = await self._look(item)
                    if not held:
                        return 0, unreadable
                return await self._rewrite(item.name)
            except Transient as failure:
                if failure.code == "gone_meanwhile":
                    return 0, 0
                if failure.code != "changed_meanwhile":
                    raise
        raise Transient("changed_meanwhile")

    async def _look(self, item: Item) -> tuple[bool, int]:
        """Tell whether the blob holds lines of the person: one that holds none is not written to."""
        unreadable = 0
        async for piece in pieces(self._container, item.name, 0, item.size):
            for line in lines_of(piece):
                if self._is_theirs(item.name, line):
                    return True, 0
                unreadable += line.value is UNREADABLE
        return False, unreadable

    async def _rewrite(self, name: str) -> tuple[int, int]:
        read, rewriting = await begin(self._container.get_blob_client(name))
        count = unreadable = 0
        async for piece in pieces(self._container, name, 0, read.size, read.etag):
            kept = []
            for line in lines_of(piece):
                if self._is_theirs(name, line):
                    count += 1
                    kept.append(self._left(line))
                else:
                    unreadable += line.value is UNREADABLE
                    kept.append(line.data)
            await rewriting.add(b"".join(kept))
        if count:
            await self._erasure.may_proceed()
            await rewriting.commit()
        return count, unreadable

    def _is_theirs(self, name: str, line: Line) -> bool:
        return any(search.finds(name, line.value) for search in self._planned)

    def _left(self, line: Line) -> bytes:
        if self._anonymised is None:
            return b""
        end = line.data[len(line.data.rstrip(b"\r\n")) :]
        return json.dumps(self._anonymised.document(line.value)).encode() + end
