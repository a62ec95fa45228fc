"""Turn a service's records and files into members of a package: JSON and CSV side by side, originals unaltered."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from shared.domain.data_map import Dataset, Service
from shared.domain.identity import Identifier
from shared.domain.json_path import values_at
from shared.domain.request import Part, Request
from shared.domain.review import RELEASE, held_under
from shared.domain.service_task import ServiceTask, TaskState
from shared.ports.blobs import Blobs
from shared.ports.connector import File, Page, Record
from shared.ports.requests import Versioned
from shared.ports.world import Clock, NewId
from shared.use_cases.opening_stages import searches
from shared.use_cases.portable import PORTABILITY, columns_of, copied_by, folder_of, portable
from shared.use_cases.reading_uploads import Upload, upload_name
from shared.use_cases.review_items import HoldingBack, ReviewedItems
from shared.use_cases.service_work import GivenWork, ServiceWork
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


class Source(Protocol):
    """Where records come from: a connector, or what a service uploaded."""

    def export(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: str | None = None
    ) -> AsyncIterator[Page]:
        """Yield records and files, as a connector does."""
        ...


class Position(BaseModel):
    """Where a task's next step goes on: which dataset, where in it, and how many parts and files it has had."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    dataset: int = 0
    at: str | None = None
    part: int = 1
    files: int = 0


@dataclass(slots=True, kw_only=True)
class ExportStep:
    """One bounded step over a service's datasets, into one fragment.

    What a person has to look through first goes to `holding` instead, where there is one. `counts` and `unreadable` add
    to what earlier steps of the task found.
    """

    source: Source
    writer: FragmentWriter
    holding: HoldingBack | None
    part: Part
    clock: Clock
    prefix: str
    until: datetime
    most_bytes: int
    counts: dict[str, int]
    unreadable: set[str]

    async def run(
        self, service: Service, datasets: Sequence[tuple[Dataset, list[Identifier]]], position: Position
    ) -> Position | None:
        """Go on from a position until the service is done, or time or size is up; return where to go on, or None."""
        for number in range(position.dataset, len(datasets)):
            dataset, identifiers = datasets[number]
            here = position if number == position.dataset else Position(dataset=number)
            left = await self._dataset(service, dataset, identifiers, here)
            if left is not None:
                return left
        return None

    async def _dataset(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: Position
    ) -> Position | None:
        tables = _Tables(self.writer, self.prefix, dataset, position.part, self.part)
        files = position.files
        async for page in self.source.export(service, dataset, identifiers, position.at):
            if dataset.review and self.holding is not None:
                await self.holding.add(dataset, page)
            else:
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
        held = self.holding.written if self.holding is not None else 0
        return self.clock() >= self.until or self.writer.written + held >= self.most_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporting:
    """One service's share of a copy, a fragment a step."""

    work: ServiceWork
    blobs: Blobs
    clock: Clock
    new_id: NewId
    step_for: timedelta
    step_bytes: int

    async def step(self, request: Request, task: Versioned[ServiceTask]) -> Versioned[ServiceTask]:
        """Write one fragment and return the task as it is to be saved, with the ETag to save it under.

        Raises:
            Transient, Permanent: the service failed.
        """
        given = await self.work.of(request, task.row)
        part = request.parts[task.row.part]
        place = f"{task.row.key}/{task.row.chunk:05d}-{self.new_id().hex}"
        writer = FragmentWriter(blobs=self.blobs, name=f"{request.id}/fragments/{place}", at=request.received_at)
        released = task.row.stage == RELEASE
        holding = None if released else HoldingBack(blobs=self.blobs, name=f"{held_under(request.id)}{place}")
        step = ExportStep(
            source=self._source(request, task.row, given),
            writer=writer,
            holding=holding,
            part=part,
            clock=self.clock,
            prefix=folder_of(request, task.row.part),
            until=self.clock() + self.step_for,
            most_bytes=self.step_bytes,
            counts=dict(task.row.counts),
            unreadable=set(task.row.unreadable),
        )
        datasets = [
            (dataset, identifiers)
            for dataset, identifiers in searches(given.data_map, given.service, part, given.dossier)
            if dataset.review or not released
            if released or not (dataset.review and copied_by(request, part, given.dossier, dataset))
        ]
        left = await step.run(given.service, datasets, given.position(task.row, Position) or Position())
        fragment = await writer.finish()
        held = await holding.finish() if holding is not None else ()
        done = left is None
        after = task.row.model_copy(
            update={
                "state": TaskState.DONE if done else TaskState.PENDING,
                "ended_at": self.clock() if done else None,
                "chunk": task.row.chunk + 1,
                "position": given.sealed(left),
                "fragments": (*task.row.fragments, fragment) if fragment else task.row.fragments,
                "held": (*task.row.held, *held),
                "counts": step.counts,
                "unreadable": frozenset(step.unreadable),
            }
        )
        return Versioned(row=after, etag=task.etag)

    def _source(self, request: Request, task: ServiceTask, given: GivenWork) -> Source:
        if task.stage == RELEASE:
            person = request.parts[task.part].person
            sheets = request.review.sheets if request.review is not None else ()
            theirs = [one for one in sheets if one.service == task.service and request.parts[one.part].person == person]
            return ReviewedItems(blobs=self.blobs, sheets=theirs)
        if task.answer is not None:
            return Upload(blobs=self.blobs, name=upload_name(request.id, task))
        return given.connector


class _Tables:
    """A dataset's records, written as JSON and as CSV side by side; begun with the first record."""

    def __init__(self, writer: FragmentWriter, prefix: str, dataset: Dataset, number: int, part: Part) -> None:
        suffix = "" if number == 1 else f"-{number}"
        self._path = f"{prefix}data/{dataset.id}{suffix}"
        self._writer = writer
        self._dataset = dataset
        self._columns = columns_of(part, dataset)
        self._portable = part.right == PORTABILITY
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
        if self._portable:
            records = portable(records, self._columns)
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
