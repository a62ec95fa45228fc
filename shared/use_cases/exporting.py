"""Turn a service's records and files into members of a package: JSON and CSV side by side, originals unaltered."""

import asyncio
import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.domain.data_map import Dataset, Service
from shared.domain.dossier import searchable
from shared.domain.identity import Identifier
from shared.domain.json_path import values_at
from shared.ports.connector import Connector, File, Page, Record
from shared.ports.world import Clock
from shared.use_cases.writing_fragments import FragmentWriter, MemberWriter

THREAD_FROM_RECORDS = 200
EXTENSIONS = {
    "application/pdf": ".pdf",
    "application/json": ".json",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "text/plain": ".txt",
    "video/mp4": ".mp4",
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Position(BaseModel):
    """Where a task's next step goes on: which dataset, where in it, and how many parts and files it has had."""

    model_config = ConfigDict(frozen=True)

    dataset: int = 0
    at: str | None = None
    part: int = 1
    files: int = 0


@dataclass(slots=True, kw_only=True)
class ExportStep:
    """One bounded step over a service's datasets, into one fragment.

    `counts` and `unreadable` add to what earlier steps of the task found.
    """

    connector: Connector
    writer: FragmentWriter
    clock: Clock
    prefix: str
    until: datetime
    most_bytes: int
    counts: dict[str, int]
    unreadable: set[str]

    async def run(
        self,
        service: Service,
        person: tuple[Identifier, ...],
        own: bool,
        own_sources: frozenset[str],
        position: Position,
    ) -> Position | None:
        """Go on from a position until the service is done, or time or size is up; return where to go on, or None."""
        for number, dataset in enumerate(service.datasets):
            if number < position.dataset:
                continue
            here = position if number == position.dataset else Position(dataset=number)
            identifiers = searchable(dataset, person, own=own, own_sources=own_sources)
            if not identifiers:
                continue
            left = await self._dataset(service, dataset, identifiers, here)
            if left is not None:
                return left
        return None

    async def _dataset(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: Position
    ) -> Position | None:
        tables = _Tables(self.writer, self.prefix, dataset, position.part)
        files = position.files
        async for page in self.connector.export(service, dataset, identifiers, position.at):
            await tables.add(page.records)
            for file in page.files:
                files += 1
                await self._original(dataset, file, files)
            self._count(dataset, page)
            if page.position is not None and self._is_over():
                await tables.close()
                return position.model_copy(update={"at": page.position, "part": position.part + 1, "files": files})
        await tables.close()
        return None

    async def _original(self, dataset: Dataset, file: File, number: int) -> None:
        extension = EXTENSIONS.get(file.media_type, ".bin")
        path = f"{self.prefix}files/{dataset.id}/{number:06d}{extension}"
        member = self.writer.original(path, dataset.id, file.name, file.media_type)
        async for data in file.open():
            await member.write(data)
        await member.close()

    def _count(self, dataset: Dataset, page: Page) -> None:
        held = len(page.records) + len(page.files)
        self.counts[dataset.id] = self.counts.get(dataset.id, 0) + held
        if page.unreadable:
            self.unreadable.add(dataset.id)

    def _is_over(self) -> bool:
        return self.clock() >= self.until or self.writer.written >= self.most_bytes


class _Tables:
    """A dataset's records, written as JSON and as CSV side by side; begun with the first record."""

    def __init__(self, writer: FragmentWriter, prefix: str, dataset: Dataset, part: int) -> None:
        suffix = "" if part == 1 else f"-{part}"
        self._path = f"{prefix}data/{dataset.id}{suffix}"
        self._writer = writer
        self._dataset = dataset
        self._columns = [one.name for one in dataset.fields if one.withhold is None]
        self._members: tuple[MemberWriter, MemberWriter] | None = None

    async def add(self, records: Sequence[Record]) -> None:
        if not records:
            return
        first = self._members is None
        if self._members is None:
            self._members = (
                self._writer.member(f"{self._path}.json", self._dataset.id),
                self._writer.member(f"{self._path}.csv", self._dataset.id),
            )
        for member in self._members:
            member.records += len(records)
        if len(records) >= THREAD_FROM_RECORDS:
            texts = await asyncio.to_thread(self._texts, records, first)
        else:
            texts = self._texts(records, first)
        for member, text in zip(self._members, texts, strict=True):
            await member.write(text)

    def _texts(self, records: Sequence[Record], first: bool) -> tuple[bytes, bytes]:
        rows = json.dumps(records, ensure_ascii=False, separators=(",", ":"))[1:-1]
        head = f'{{"dataset":{json.dumps(self._dataset.id)},"records":[\n' if first else ",\n"
        out = io.StringIO()
        table = csv.writer(out)
        if first:
            table.writerow(self._columns)
        columns = self._columns
        table.writerows([[cell(_value(record, column)) for column in columns] for record in records])
        # Half a surrogate pair is no UTF-8: it stays the escape it was. The mark in front tells spreadsheet programs
        # that the text is UTF-8.
        sheet = out.getvalue().encode("utf-8-sig" if first else "utf-8", "backslashreplace")
        return f"{head}{rows}".encode(errors="backslashreplace"), sheet

    async def close(self) -> None:
        if self._members is None:
            return
        tables, sheet = self._members
        await tables.write(b"\n]}\n")
        await tables.close()
        await sheet.close()


def _value(record: Record, column: str) -> Any:
    """Return what stands at a column's path; a list where the path leads through one."""
    if column in record or "." not in column:
        return record.get(column)
    found = list(values_at(record, column))
    return found if len(found) > 1 else next(iter(found), None)


def cell(value: Any) -> Any:
    """Return a value as a spreadsheet cell that no program reads as a formula."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value
