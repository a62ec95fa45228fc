"""Blobs of JSON lines that many people share: only the lines of one person are handed over."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.connectors._blob_listing import Item, in_folder, starting_at
from shared.connectors._blob_store import read_range
from shared.connectors._position import parts_of, position_of
from shared.connectors._shape import Shape
from shared.connectors._ways import Words, wanted
from shared.domain.data_map import Dataset
from shared.domain.errors import Transient
from shared.domain.identity import Identifier
from shared.domain.json_path import parse_json, strings_at
from shared.ports.connector import Page, Record

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

PIECE = 1024 * 1024  # read and parsed at a time; a longer line is unreadable
FOLDER = frozenset({"prefix"})
VOCABULARY = {"line": Words(needs=frozenset({"prefix", "path"}), takes=frozenset({"fold"}), bounds=FOLDER)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One folder to read through, for one tenant: what a line must hold at which path, in lower case or as it is."""

    folder: str
    tenant: str | None
    column: str | None
    tests: tuple[tuple[str, bool, frozenset[str]], ...]

    def finds(self, name: str, line: Any) -> bool:
        """Tell whether this line of the blob is the person's."""
        if not (name.startswith(self.folder) and isinstance(line, dict)):
            return False
        if self.column is not None and str(line.get(self.column) or "").lower() != self.tenant:
            return False
        return any(
            (held.lower() if folds else held) in values
            for path, folds, values in self.tests
            for held in strings_at(line, path)
        )


async def export_lines(
    container: "ContainerClient", dataset: Dataset, identifiers: Sequence[Identifier], position: str | None
) -> AsyncIterator[Page]:
    """Yield the matching lines of every blob, a piece at a time. What is appended while it reads may be left out."""
    planned = _searches(dataset, identifiers)
    start, token, name, offset = parts_of(position, 4) if position else (0, None, "", 0)
    if start >= len(planned):
        yield Page()
    for step in range(start, len(planned)):
        reader = _Reader(container, Shape(dataset), planned[: step + 1])
        after = position_of(step + 1, None, "", 0) if step + 1 < len(planned) else None
        async for items, following in in_folder(container, planned[step].folder, token):
            last = position_of(step, following, "", 0) if following else after
            left = starting_at(items, name)
            if not left:
                yield Page(position=last)
            for number, item in enumerate(left):
                then = position_of(step, token, left[number + 1].name, 0) if number + 1 < len(left) else last
                async for page, reached in reader.pieces(item, offset if item.name == name else 0):
                    records, unreadable = page
                    here = position_of(step, token, item.name, reached) if reached < item.size else then
                    yield Page(records=records, unreadable=unreadable, position=here)
            token, name, offset = following, "", 0
        token, name, offset = None, "", 0


def _searches(dataset: Dataset, identifiers: Sequence[Identifier]) -> list[Search]:
    tests: dict[tuple[str, str | None], dict[tuple[str, bool], set[str]]] = {}
    for one in wanted(dataset, identifiers):
        folds = "fold" in one.way.at
        for value in one.values:
            held = tests.setdefault((one.fill("prefix", value), one.tenant), {})
            held.setdefault((one.way.at["path"], folds), set()).add(value.lower() if folds else value)
    return [
        Search(
            folder=folder,
            tenant=tenant,
            column=dataset.tenant_field if tenant is not None else None,
            tests=tuple((path, folds, frozenset(values)) for (path, folds), values in held.items()),
        )
        for (folder, tenant), held in tests.items()
    ]


class _Reader:
    """Reads blobs for the last of these searches, and leaves out what an earlier one has found."""

    def __init__(self, container: "ContainerClient", shape: Shape, planned: Sequence[Search]) -> None:
        self._container = container
        self._shape = shape
        *self._earlier, self._own = planned

    async def pieces(self, item: Item, offset: int) -> AsyncIterator[tuple[tuple[list[Record], int], int]]:
        """Yield what was found, how much was unreadable, and where the next line begins."""
        if offset >= item.size:
            yield ([], 0), item.size
        while offset < item.size:
            try:
                data = await read_range(self._container, item.name, offset, min(PIECE, item.size - offset))
            except Transient as failure:
                if failure.code != "gone_meanwhile":
                    raise
                yield ([], 0), item.size  # deleted since it was listed: nothing is held any more
                return
            whole = len(data) if offset + len(data) >= item.size else data.rfind(b"\n") + 1
            if whole == 0:
                offset = await self._next_line(item, offset + len(data))
                yield ([], 1), offset
            else:
                offset += whole
                yield self._kept(item.name, data[:whole]), offset

    async def _next_line(self, item: Item, offset: int) -> int:
        while offset < item.size:
            data = await read_range(self._container, item.name, offset, min(PIECE, item.size - offset))
            end = data.find(b"\n")
            if end >= 0:
                return offset + end + 1
            offset += len(data)
        return item.size

    def _kept(self, name: str, data: bytes) -> tuple[list[Record], int]:
        records: list[Record] = []
        unreadable = 0
        for text in data.split(b"\n"):
            if not text.strip():
                continue
            try:
                line = parse_json(text)
            except ValueError:
                unreadable += 1
                continue
            if self._own.finds(name, line) and not any(search.finds(name, line) for search in self._earlier):
                records.append(self._shape.document(line))
        return records, unreadable
