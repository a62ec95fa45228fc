"""Export one service's data for one request, one bounded step at a time."""

import asyncio
import csv
import io
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.domain.data_map import Dataset, Service
from shared.domain.dossier import searchable
from shared.domain.errors import Permanent, StaleState, Transient
from shared.domain.identity import Identifier
from shared.domain.json_path import values_at
from shared.domain.request import Happening, Request, RequestId, State
from shared.domain.service_task import ServiceTask, TaskState
from shared.messages.commands import AssembleExport, RunServiceTask
from shared.ports.blobs import Blobs
from shared.ports.connector import Connector, File, Page, Record
from shared.ports.requests import Move, RequestStore, Versioned
from shared.ports.world import Clock, Maps, NewId
from shared.use_cases.moving import Mover
from shared.use_cases.plan_request import task_command
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.writing_fragments import FragmentWriter, MemberWriter

log = logging.getLogger(__name__)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunServiceTaskUseCase:
    """Do one step of one task. A repeat of a step that is on record does nothing but pass the word on."""

    requests: RequestStore
    blobs: Blobs
    connectors: Mapping[str, Connector]
    dossiers: Dossiers
    maps: Maps
    mover: Mover
    clock: Clock
    new_id: NewId
    attempts: int
    step_for: timedelta
    step_bytes: int

    async def __call__(self, command: RunServiceTask) -> None:
        """Run a step.

        Raises:
            NotFound: the request or the task is not there.
            Transient: the service failed in a way that may pass, and tries are left.
        """
        request_id = RequestId(str(command.request_id))
        read, task = await self.requests.read_task(request_id, command.task)
        if read.row.state is not State.COLLECTING:
            return
        if task.row.state is not TaskState.PENDING:
            # Delivered again, perhaps after a crash between the task's end and the request's move.
            if not await self.requests.pending_tasks(request_id):
                await self._collected(read)
        elif task.row.chunk != command.chunk:
            await self.mover.send([task_command(read.row, task.row)])
        else:
            await self._step(read, task, command.attempt)

    async def _step(self, read: Versioned[Request], task: Versioned[ServiceTask], attempt: int) -> None:
        request, now = read.row, self.clock()
        written: list[str] = []
        try:
            after = (
                await self._export(request, task.row, written)
                if now < task.row.due_at
                else _failed(task.row, "time_limit", now)
            )
        except Transient as error:
            if attempt < self.attempts:
                raise
            after = _failed(task.row, error.code, now)
        except Permanent as error:
            after = _failed(task.row, error.code, now)
        try:
            await self.requests.save_task(request.id, after, task.etag)
        except StaleState:
            # Somebody else did this step: theirs is on record, ours is not wanted.
            await self.blobs.delete(written)
            return
        if after.state is TaskState.PENDING:
            await self.mover.send([task_command(request, after)])
        elif await self.requests.is_last(request.id, task.row.key):
            await self._collected(read)

    async def _collected(self, read: Versioned[Request]) -> None:
        request_id = read.row.id

        async def collected(newest: Versioned[Request]) -> None:
            if newest.row.state is not State.COLLECTING:
                return
            after, entry = newest.row.happened(Happening.COLLECTED, self.clock())
            opens = [AssembleExport(request_id=UUID(request_id))]
            await self.mover.commit(Move(etag=newest.etag, request=after, entry=entry, opens=opens))

        try:
            await collected(read)
        except StaleState:
            await self.mover.on_newest(request_id, collected)

    async def _export(self, request: Request, task: ServiceTask, written: list[str]) -> ServiceTask:
        service = self.maps.current().service(task.service)
        if service is None:
            raise Permanent("service_left_the_data_map")
        dossier, seal = await self.dossiers.opened(request)
        position = Position() if task.position is None else Position.model_validate_json(seal.unlock(task.position))
        name = f"{request.id}/fragments/{task.key}/{task.chunk:05d}-{self.new_id().hex}"
        writer = FragmentWriter(blobs=self.blobs, name=name, at=request.received_at)
        written.append(name)
        step = _Step(
            use_case=self,
            writer=writer,
            prefix="" if task.part == 0 else f"part-{task.part + 1}/",
            until=self.clock() + self.step_for,
            counts=dict(task.counts),
            unreadable=set(task.unreadable),
        )
        part = request.parts[task.part]
        next_position = await step.run(service, dossier.people[task.part], part.own, self._own_sources(), position)
        fragment = await writer.finish()
        done = next_position is None
        return task.model_copy(
            update={
                "state": TaskState.DONE if done else TaskState.PENDING,
                "ended_at": self.clock() if done else None,
                "chunk": task.chunk + 1,
                "position": None if next_position is None else seal.lock(next_position.model_dump_json().encode()),
                "fragments": (*task.fragments, fragment) if fragment else task.fragments,
                "counts": step.counts,
                "unreadable": frozenset(step.unreadable),
            }
        )

    def _own_sources(self) -> frozenset[str]:
        return frozenset(dataset.id for _, dataset in self.maps.current().datasets() if dataset.tenancy == "none")


@dataclass(slots=True, kw_only=True)
class _Step:
    """One bounded step over a service's datasets."""

    use_case: RunServiceTaskUseCase
    writer: FragmentWriter
    prefix: str
    until: datetime
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
        connector = self.use_case.connectors[service.connector]
        tables = _Tables(self.writer, self.prefix, dataset, position.part)
        files = position.files
        async for page in connector.export(service, dataset, identifiers, position.at):
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
        return self.use_case.clock() >= self.until or self.writer.written >= self.use_case.step_bytes


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
        # The mark in front tells spreadsheet programs that the text is UTF-8.
        return f"{head}{rows}".encode(), out.getvalue().encode("utf-8-sig" if first else "utf-8")

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


def _failed(task: ServiceTask, reason: str, at: datetime) -> ServiceTask:
    return task.model_copy(update={"state": TaskState.FAILED, "reason": reason, "ended_at": at})
