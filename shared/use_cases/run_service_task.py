"""Export one service's data for one request, one bounded step at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.domain.errors import Permanent, StaleState, Transient
from shared.domain.request import Happening, Request, RequestId, State
from shared.domain.service_task import ServiceTask, TaskState
from shared.messages.commands import AssembleExport, RunServiceTask
from shared.ports.blobs import Blobs
from shared.ports.connector import Connector
from shared.ports.requests import Move, RequestStore, Versioned
from shared.ports.world import Clock, Maps, NewId
from shared.use_cases.exporting import ExportStep, Position
from shared.use_cases.moving import Mover
from shared.use_cases.plan_request import task_command
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.writing_fragments import FragmentWriter


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
            _, now_there = await self.requests.read_task(request.id, task.row.key)
            if now_there.row.fragments != after.fragments:
                # Somebody else did this step: theirs is on record, ours is not wanted.
                await self.blobs.delete(written)
                return
            after = now_there.row  # It was ours after all, and only the answer was lost.
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
        data_map = self.maps.current()
        service = data_map.service(task.service)
        if service is None:
            raise Permanent("service_left_the_data_map")
        dossier, seal = await self.dossiers.opened(request)
        position = Position() if task.position is None else Position.model_validate_json(seal.unlock(task.position))
        name = f"{request.id}/fragments/{task.key}/{task.chunk:05d}-{self.new_id().hex}"
        writer = FragmentWriter(blobs=self.blobs, name=name, at=request.received_at)
        written.append(name)
        step = ExportStep(
            connector=self.connectors[service.connector],
            writer=writer,
            clock=self.clock,
            prefix="" if task.part == 0 else f"part-{task.part + 1}/",
            until=self.clock() + self.step_for,
            most_bytes=self.step_bytes,
            counts=dict(task.counts),
            unreadable=set(task.unreadable),
        )
        part = request.parts[task.part]
        person, own_sources = dossier.people[task.part], data_map.own_sources()
        next_position = await step.run(service, person, part.own, own_sources, position)
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


def _failed(task: ServiceTask, reason: str, at: datetime) -> ServiceTask:
    return task.model_copy(update={"state": TaskState.FAILED, "reason": reason, "ended_at": at})
