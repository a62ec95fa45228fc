"""Changing one person's lines in blobs that many people share; every other byte stays, in its order."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from shared.connectors._blob_line_reading import UNREADABLE, Line, lines_of, pieces
from shared.connectors._blob_listing import Item
from shared.connectors._blob_rewriting import begin
from shared.domain.errors import Transient

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

_ATTEMPTS = 5


class LineRewriter:
    """Rewrites blobs, each in one go or not at all.

    `finds` tells by a blob's name and what a line says whether it is the person's, `left` what stands in its place.
    """

    def __init__(
        self,
        container: "ContainerClient",
        finds: Callable[[str, Any], bool],
        may_proceed: Callable[[], Awaitable[None]],
        left: Callable[[str, Line], bytes],
    ) -> None:
        self._container = container
        self._finds = finds
        self._may_proceed = may_proceed
        self._left = left

    async def rewrite(self, item: Item) -> tuple[int, int]:
        """Return how many lines are the person's, and how many could not be read.

        Raises:
            Transient, Permanent: as a connector does; and what `left` raises.
        """
        for attempt in range(_ATTEMPTS):
            try:
                if attempt == 0:
                    changes, count, unreadable = await self._look(item)
                    if not changes:
                        return count, unreadable
                return await self._rewrite(item.name)
            except Transient as failure:
                if failure.code == "gone_meanwhile":
                    return 0, 0
                if failure.code != "changed_meanwhile":
                    raise
        raise Transient("changed_meanwhile")

    async def _look(self, item: Item) -> tuple[bool, int, int]:
        """Tell whether lines of the blob change: one in which none does is not written to."""
        count = unreadable = 0
        async for piece in pieces(self._container, item.name, 0, item.size):
            for line in lines_of(piece):
                if self._finds(item.name, line.value):
                    if self._left(item.name, line) != line.data:
                        return True, 0, 0
                    count += 1
                unreadable += line.value is UNREADABLE
        return False, count, unreadable

    async def _rewrite(self, name: str) -> tuple[int, int]:
        read, rewriting = await begin(self._container.get_blob_client(name))
        count = unreadable = 0
        async for piece in pieces(self._container, name, 0, read.size, read.etag):
            kept = []
            for line in lines_of(piece):
                if self._finds(name, line.value):
                    count += 1
                    kept.append(self._left(name, line))
                else:
                    unreadable += line.value is UNREADABLE
                    kept.append(line.data)
            await rewriting.add(b"".join(kept))
        if count:
            await self._may_proceed()
            await rewriting.commit()
        return count, unreadable
