"""Rows and files held in memory: the plainest form of the contract, for tests and as a reference."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from shared.connectors._anonymised import Anonymised, check_anonymised
from shared.connectors._correcting import must_be_found, reading
from shared.connectors._position import parts_of, position_of
from shared.connectors._shape import Shape
from shared.connectors._stores import Stores
from shared.connectors._ways import Wanted, Words, check_dataset, check_service, wanted
from shared.domain.data_map import Dataset, Service
from shared.domain.errors import Permanent
from shared.domain.identity import Identifier
from shared.domain.json_editing import edited
from shared.domain.json_path import strings_at
from shared.ports.connector import Counted, Erased, Erasure, File, Page, Record, Rectification, Rectified

VOCABULARY = {"field": Words(needs=frozenset({"path"}))}


@dataclass(slots=True)
class Drawer:
    """One place: its rows, and its files with the row that says whose each is."""

    rows: list[Record] = field(default_factory=list)
    files: list[tuple[Record, File]] = field(default_factory=list)


class Memory:
    """Finds what a field of the row says is the person's. A drawer is named by its `store` and `drawer` settings."""

    kind: ClassVar[str] = "memory"

    def __init__(self, _: Stores | None = None) -> None:
        self.drawers: dict[tuple[str, str], Drawer] = {}
        self.page_size = 1000

    def check(self, service: Service, dataset: Dataset) -> None:
        """See the port."""
        check_service(service)
        check_dataset(dataset, VOCABULARY, "drawer")
        if dataset.erasure.action == "anonymise":
            check_anonymised(dataset, [(way.how, way.at["path"]) for way in dataset.found_by])

    async def export(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: str | None = None
    ) -> AsyncIterator[Page]:
        """See the port."""
        drawer = self._drawer(service, dataset)
        looked_for = wanted(dataset, identifiers)
        shape = Shape(dataset)
        records = [shape.document(row) for row in drawer.rows if _is_theirs(dataset, looked_for, row)]
        files = [file for row, file in drawer.files if _is_theirs(dataset, looked_for, row)]
        (start,) = parts_of(position, 1) if position else (0,)
        for first in range(start, max(len(records), len(files), start + 1), self.page_size):
            after = first + self.page_size
            more = after < max(len(records), len(files))
            yield Page(
                records=records[first:after], files=files[first:after], position=position_of(after) if more else None
            )

    async def count(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: str | None = None
    ) -> AsyncIterator[Counted]:
        """See the port."""
        async for page in self.export(service, dataset, identifiers, position):
            yield Counted(count=len(page.records) + len(page.files), position=page.position)

    async def erase(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        erasure: Erasure,
        position: str | None = None,
    ) -> AsyncIterator[Erased]:
        """See the port. A step begins where the last one ended: what is erased is not found again."""
        if position:
            parts_of(position, 1)
        drawer, looked_for = self._drawer(service, dataset), wanted(dataset, identifiers)
        while True:
            rows = [row for row in drawer.rows if _is_theirs(dataset, looked_for, row)]
            files = [held for held in drawer.files if _is_theirs(dataset, looked_for, held[0])]
            if files and erasure.action == "anonymise":
                raise Permanent("files_not_anonymised")
            if not rows and not files:
                yield Erased()
                return
            now = [*rows, *files][: self.page_size]
            await erasure.may_proceed()
            _change(drawer, {id(one) for one in now}, Anonymised(dataset) if erasure.action == "anonymise" else None)
            more = len(rows) + len(files) > len(now)
            yield Erased(count=len(now), position=position_of(0) if more else None)
            if not more:
                return

    async def rectify(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        rectification: Rectification,
        position: str | None = None,
    ) -> AsyncIterator[Rectified]:
        """See the port. Files are handed over unaltered: only rows are corrected."""
        drawer, looked_for = self._drawer(service, dataset), wanted(dataset, identifiers)
        kept = reading(dataset, rectification.values, lambda way: way.at["path"])
        still = wanted(kept, identifiers)
        (start,) = parts_of(position, 1) if position else (0,)
        while any(_is_theirs(dataset, looked_for, row) for row in drawer.rows):
            await rectification.may_proceed()
            theirs = [place for place, row in enumerate(drawer.rows) if _is_theirs(dataset, looked_for, row)]
            now, start = theirs[start : start + self.page_size], start + self.page_size
            must_be_found(all(_is_theirs(kept, still, drawer.rows[place]) for place in now))
            after = {place: json.loads(edited(json.dumps(drawer.rows[place]), rectification.values)) for place in now}
            for place, row in after.items():
                drawer.rows[place] = row
            yield Rectified(count=len(now), position=position_of(start) if start < len(theirs) else None)
            if start >= len(theirs):
                return
        yield Rectified()

    def _drawer(self, service: Service, dataset: Dataset) -> Drawer:
        drawer = self.drawers.get((service.settings["store"], dataset.settings["drawer"]))
        if drawer is None:
            raise Permanent("store_missing")
        return drawer


def _change(drawer: Drawer, chosen: set[int], anonymised: Anonymised | None) -> None:
    left = ((row, anonymised.document(row) if anonymised and id(row) in chosen else row) for row in drawer.rows)
    drawer.rows[:] = [now for row, now in left if anonymised or id(row) not in chosen]
    drawer.files[:] = [held for held in drawer.files if id(held) not in chosen]


def _is_theirs(dataset: Dataset, looked_for: Sequence[Wanted], row: Record) -> bool:
    for one in looked_for:
        tenant = str(row.get(dataset.tenant_field or "") or "").lower()
        if (one.tenant is None or one.tenant == tenant) and set(strings_at(row, one.way.at["path"])) & set(one.values):
            return True
    return False


CONNECTOR = Memory
