"""Whole blobs that are one person's: handed over as they are, counted, deleted."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import batched
from typing import TYPE_CHECKING

from shared.connectors._blob_file_search import search
from shared.connectors._blob_listing import Item, in_folder, starting_at, with_tags
from shared.connectors._blob_removing import remove
from shared.connectors._blob_store import file_of
from shared.connectors._position import parts_of, position_of
from shared.connectors._ways import wanted
from shared.domain.data_map import Dataset
from shared.domain.identity import Identifier
from shared.ports.connector import Counted, Erased, Erasure, Page

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

FILES_AT_ONCE = 50  # a step of an export ends between two pages, and files may be large
DELETED_AT_ONCE = 8


async def export_files(
    container: "ContainerClient", dataset: Dataset, identifiers: Sequence[Identifier], position: str | None
) -> AsyncIterator[Page]:
    """Yield the files, listing by listing."""
    async for items, goes_on in _found(container, dataset, identifiers, position):
        yield Page(files=[file_of(container, item) for item in items], position=goes_on)


async def count_files(
    container: "ContainerClient", dataset: Dataset, identifiers: Sequence[Identifier], position: str | None
) -> AsyncIterator[Counted]:
    """Yield how many files there are, listing by listing."""
    async for items, goes_on in _found(container, dataset, identifiers, position):
        yield Counted(count=len(items), position=goes_on)


async def erase_files(
    container: "ContainerClient",
    dataset: Dataset,
    identifiers: Sequence[Identifier],
    erasure: Erasure,
    position: str | None,
) -> AsyncIterator[Erased]:
    """Delete the files as they are listed: one that changes meanwhile, and may be another's, is listed again."""
    async for items, goes_on in _found(container, dataset, identifiers, position):
        if items:
            await erasure.may_proceed()
        yield Erased(count=await _remove(container, items), position=goes_on)


async def _remove(container: "ContainerClient", items: Sequence[Item]) -> int:
    waiting = iter(items)

    async def work() -> int:
        return sum([await remove(container, item.name, item.etag) for item in waiting])

    told = await asyncio.gather(*(work() for _ in range(DELETED_AT_ONCE)), return_exceptions=True)
    for one in told:
        if isinstance(one, BaseException):
            raise one
    return sum(one for one in told if isinstance(one, int))


async def _found(
    container: "ContainerClient", dataset: Dataset, identifiers: Sequence[Identifier], position: str | None
) -> AsyncIterator[tuple[Sequence[Item], str | None]]:
    """Yield what is found, a few at a time, and where to go on."""
    planned = [search(dataset, one) for one in wanted(dataset, identifiers)]
    steps = [(number, asked) for number, search in enumerate(planned) for asked in search.asks]
    start, token, name = parts_of(position, 3) if position else (0, None, "")
    if start >= len(steps):
        yield (), None
    for step in range(start, len(steps)):
        number, asked = steps[step]
        own, earlier = planned[number], planned[:number]
        after = position_of(step + 1, None, "") if step + 1 < len(steps) else None
        if isinstance(asked, str):
            listing = in_folder(container, asked, token, tags=any(one.by_tag for one in earlier))
        else:
            listing = with_tags(container, asked, token)
        async for items, following in listing:
            found = [
                item
                for item in starting_at(items, name)
                if own.finds(item) and not any(one.finds(item) for one in earlier)
            ]
            pages = list(batched(found, FILES_AT_ONCE, strict=False)) or [()]
            last = position_of(step, following, "") if following else after
            positions = [*(position_of(step, token, later[0].name) for later in pages[1:]), last]
            for some, goes_on in zip(pages, positions, strict=True):
                yield some, goes_on
            token, name = following, ""
        token, name = None, ""
