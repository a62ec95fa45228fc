"""Which lines of which blobs are a person's, and going through those blobs from a position on."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from shared.connectors._anonymised import check_anonymised
from shared.connectors._blob_listing import Item, in_folder, starting_at
from shared.connectors._position import parts_of, position_of
from shared.connectors._ways import Words, refusal, wanted
from shared.domain.data_map import Dataset
from shared.domain.identity import Identifier
from shared.domain.json_path import strings_at

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A blob to read from an offset on, or None where a page of the listing holds none. `then` is what comes after."""

    step: int
    token: str | None
    item: Item | None
    offset: int = 0
    then: str | None

    def within(self, name: str, offset: int) -> str:
        """Return the position of an offset in the blob of this name."""
        return position_of(self.step, self.token, name, offset)


def check_lines(dataset: Dataset) -> None:
    """Refuse to anonymise lines that would be found again.

    Raises:
        DataMapInvalid: names the dataset and the way.
    """
    for way in dataset.found_by:
        if "{value}" in way.at["prefix"]:
            raise refusal(dataset, f"how: {way.how}", "the blob's name says whose it is, and cannot be anonymised")
    check_anonymised(dataset, [(way.how, way.at["path"]) for way in dataset.found_by])


def searches(dataset: Dataset, identifiers: Sequence[Identifier]) -> list[Search]:
    """Plan the searches for these identifiers, one for each folder and tenant."""
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


async def walk(container: "ContainerClient", planned: Sequence[Search], position: str | None) -> AsyncIterator[Stop]:
    """Yield every blob of every search's folder; nothing at all when there is nothing left to read."""
    start, token, name, offset = parts_of(position, 4) if position else (0, None, "", 0)
    for step in range(start, len(planned)):
        after = position_of(step + 1, None, "", 0) if step + 1 < len(planned) else None
        async for items, following in in_folder(container, planned[step].folder, token):
            last = position_of(step, following, "", 0) if following else after
            left = starting_at(items, name)
            if not left:
                yield Stop(step=step, token=token, item=None, then=last)
            for item, later in zip_longest(left, left[1:]):
                then = position_of(step, token, later.name, 0) if later else last
                at = offset if item.name == name else 0
                yield Stop(step=step, token=token, item=item, offset=at, then=then)
            token, name, offset = following, "", 0
        token, name, offset = None, "", 0
