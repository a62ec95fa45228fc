"""Do one service's share of one request, one bounded step at a time: a copy, a correction, an erasure, or word."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from shared.domain.errors import Drift, Permanent, StaleState, Transient
from shared.domain.request import Request, RequestId
from shared.domain.service_task import ServiceTask, TaskState, Work
from shared.messages.commands import RunServiceTask
from shared.ports.blobs import Blobs
from shared.ports.requests import RequestStore, Versioned
from shared.ports.world import Clock
from shared.use_cases.ending_tasks import Ending, is_running, to_manual
from shared.use_cases.halt_erasure import HaltErasure
from shared.use_cases.moving import Mover
from shared.use_cases.opening_stages import is_due, task_command
from shared.use_cases.reading_uploads import upload_name


class Worker(Protocol):
    """Does one kind of work."""

    async def step(self, request: Request, task: Versioned[ServiceTask]) -> Versioned[ServiceTask]:
        """Do one bounded step and return the task as it is to be saved, with the ETag to save it under.

        Raises:
            Transient, Permanent: the service failed.
            Drift: an erasure met what its plan did not show.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunServiceTaskUseCase:
    """Do one step of one task. A repeat of a step that is on record does nothing but pass the word on."""

    requests: RequestStore
    fragments: Blobs
    worker: Callable[[Work], Worker]
    ending: Ending
    halt: HaltErasure
    mover: Mover
    clock: Clock
    attempts: int
    manual_margin: timedelta

    async def __call__(self, command: RunServiceTask) -> None:
        """Run a step.

        Raises:
            NotFound: the request or the task is not there.
            Transient: the service failed in a way that may pass, and tries are left.
        """
        request_id = RequestId(str(command.request_id))
        read, task = await self.requests.read_task(request_id, command.task)
        if not is_running(read.row, task.row):
            return
        if task.row.state.has_ended:
            # Delivered again, perhaps after a crash between the task's end and the request's move.
            await self.ending.ended_before(read, task.row)
        elif not is_due(task.row, self.clock()):
            return
        elif task.row.chunk != command.chunk:
            await self.mover.send([task_command(request_id, task.row)])
        else:
            await self._step(read, task, command.attempt)

    async def _step(self, read: Versioned[Request], task: Versioned[ServiceTask], attempt: int) -> None:
        request, now = read.row, self.clock()
        try:
            overdue = now >= task.row.due_at
            after = (
                await self._given_up(request, task, "time_limit")
                if overdue
                else await self.worker(task.row.work).step(request, task)
            )
        except Drift as drift:
            await self.halt(request.id, drift.code, drift.dataset)
            return
        except Transient as error:
            if attempt < self.attempts:
                raise
            after = await self._given_up(request, task, error.code)
        except Permanent as error:
            after = await self._given_up(request, task, error.code)
        try:
            await self.requests.save_task(request.id, after.row, after.etag)
        except StaleState:
            _, newest = await self.requests.read_task(request.id, task.row.key)
            if newest.row != after.row:
                # Somebody else did this step: theirs is on record, ours is not wanted.
                await self._discard(after.row, newest.row)
                return
        if after.row.state is TaskState.PENDING:
            await self.mover.send([task_command(request.id, after.row)])
        elif after.row.state.has_ended:
            if after.row.work is Work.EXPORT and after.row.answer is not None:
                await self.fragments.delete([upload_name(request.id, after.row)])
            await self.ending.ended(read, after.row)

    async def _given_up(self, request: Request, task: Versioned[ServiceTask], reason: str) -> Versioned[ServiceTask]:
        """Return the task as failed or an operator's, on the newest row: what the step had put on record stays."""
        _, newest = await self.requests.read_task(request.id, task.row.key)
        after = to_manual(request, newest.row, reason, self.clock(), self.manual_margin)
        return Versioned(row=after, etag=newest.etag)

    async def _discard(self, ours: ServiceTask, theirs: ServiceTask) -> None:
        await self.fragments.delete(sorted(_written(ours) - _written(theirs)))


def _written(task: ServiceTask) -> set[str]:
    return {one.name for one in task.fragments} | {one.name for one in task.held}
