"""Whole blobs that are one person's: by the folder they lie in, by an index tag, or by their metadata."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING

from shared.connectors._blob_listing import Item, in_folder, starting_at, with_tags
from shared.connectors._blob_removing import remove
from shared.connectors._blob_store import file_of
from shared.connectors._position import parts_of, position_of
from shared.connectors._ways import Wanted, Words, refusal, wanted
from shared.domain.data_map import Dataset
from shared.domain.identity import EMAIL, UPN, Identifier
from shared.ports.connector import Counted, Erased, Erasure, Page

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

FOLDER = frozenset({"prefix"})
VOCABULARY = {
    "prefix": Words(needs=FOLDER, bounds=FOLDER),
    "tag": Words(needs=frozenset({"tag"})),
    "metadata": Words(needs=frozenset({"prefix", "key"}), takes=frozenset({"fold"}), bounds=FOLDER),
}
DELETED_AT_ONCE = 8
FILES_AT_ONCE = 50  # a step of an export ends between two pages, and files may be large
TAG_NAME = re.compile(r"[A-Za-z0-9 +\-./:=_]{1,128}")
TAG_VALUE = re.compile(r"[A-Za-z0-9 +\-./:=_]{1,256}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One way of finding: folders to list or index tags to ask for, and which blobs are truly found."""

    asks: tuple[str | Mapping[str, str], ...]
    by_tag: bool = False
    finds: Callable[[Item], bool]


def check_files(dataset: Dataset) -> None:
    """Refuse what a container cannot answer exactly, and to anonymise a whole file.

    Raises:
        DataMapInvalid: names the dataset and the setting.
    """
    if dataset.erasure.action == "anonymise":
        raise refusal(dataset, "erasure", "a file cannot be anonymised")
    for way in dataset.found_by:
        place = f"how: {way.how}"
        if way.how == "prefix" and "{value}" not in way.at["prefix"]:
            raise refusal(dataset, f"{place}: at.prefix", "holds no {value}, so it would be everyone's")
        if way.how == "tag":
            if way.identifier in {EMAIL, UPN}:
                raise refusal(dataset, place, "an index tag cannot hold an address")
            if not all(TAG_NAME.fullmatch(name) for name in (way.at["tag"], dataset.tenant_field or "-")):
                raise refusal(dataset, place, "at.tag or tenant_field cannot be the name of an index tag")


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
    planned = [_search(dataset, one) for one in wanted(dataset, identifiers)]
    steps = [(number, asked) for number, search in enumerate(planned) for asked in search.asks]
    start, token, name = parts_of(position, 3) if position else (0, None, "")
    if start >= len(steps):
        yield (), None
    for step in range(start, len(steps)):
        number, asked = steps[step]
        own, earlier = planned[number], planned[:number]
        after = position_of(step + 1, None, "") if step + 1 < len(steps) else None
        if isinstance(asked, str):
            listing = in_folder(container, asked, token, tags=any(search.by_tag for search in earlier))
        else:
            listing = with_tags(container, asked, token)
        async for items, following in listing:
            found = [
                item
                for item in starting_at(items, name)
                if own.finds(item) and not any(search.finds(item) for search in earlier)
            ]
            pages = list(batched(found, FILES_AT_ONCE, strict=False)) or [()]
            last = position_of(step, following, "") if following else after
            positions = [*(position_of(step, token, later[0].name) for later in pages[1:]), last]
            for some, goes_on in zip(pages, positions, strict=True):
                yield some, goes_on
            token, name = following, ""
        token, name = None, ""


def _search(dataset: Dataset, one: Wanted) -> Search:
    column = dataset.tenant_field if one.tenant is not None else None
    if one.way.how == "tag":
        return _by_tag(one, column)
    by_folder: dict[str, set[str]] = {}
    for value in one.values:
        by_folder.setdefault(one.fill("prefix", value), set()).add(_folded(one, value))
    key = one.way.at.get("key", "").lower()

    def finds(item: Item) -> bool:
        if column is not None and item.metadata.get(column.lower(), "").lower() != one.tenant:
            return False
        return any(
            item.name.startswith(folder) and (not key or _folded(one, item.metadata.get(key, "")) in values)
            for folder, values in by_folder.items()
        )

    return Search(asks=tuple(by_folder), finds=finds)


def _by_tag(one: Wanted, column: str | None) -> Search:
    tag, values = one.way.at["tag"], [value for value in one.values if TAG_VALUE.fullmatch(value)]
    owner = {column: one.tenant} if column is not None and one.tenant is not None else {}

    def finds(item: Item) -> bool:
        return item.tags.get(tag) in values and all(item.tags.get(name) == value for name, value in owner.items())

    return Search(asks=tuple({tag: value, **owner} for value in values), by_tag=True, finds=finds)


def _folded(one: Wanted, value: str) -> str:
    return value.lower() if "fold" in one.way.at else value
