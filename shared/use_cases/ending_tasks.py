"""What becomes of a task that ended or cannot go on, and of the request when it was the last."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.domain.request import Request
from shared.domain.review import RELEASE
from shared.domain.service_task import ServiceTask, TaskState, Work
from shared.domain.states import Happening
from shared.messages.commands import AssembleExport
from shared.ports.requests import Move, RequestStore, Versioned
from shared.ports.world import Clock
from shared.use_cases.advance_request import AdvanceRequestUseCase
from shared.use_cases.moving import Mover
from shared.use_cases.reviewing_copies import assembly_after_review


def to_failed(task: ServiceTask, reason: str, now: datetime) -> ServiceTask:
    """Return a task that failed for good."""
    return task.model_copy(update={"state": TaskState.FAILED, "reason": reason, "look_at": None, "ended_at": now})


def to_manual(request: Request, task: ServiceTask, reason: str, now: datetime, margin: timedelta) -> ServiceTask:
    """Return a task that an operator has to close, in time for the answer to be given when it is due.

    An erasure and a correction wait for a person: what a copy or a dry run lacks is said, and what a recipient did not
    hear too.
    """
    if task.work not in {Work.ERASE, Work.RECTIFY}:
        return to_failed(task, reason, now)
    until = max(request.due_at - margin, now + margin)
    return task.model_copy(
        update={"state": TaskState.MANUAL, "reason": reason, "look_at": None, "answer": None, "due_at": until}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Moves a request on when the last task of its stage has ended. Harmless to ask at any time."""

    requests: RequestStore
    mover: Mover
    advance: AdvanceRequestUseCase
    clock: Clock

    async def ended(self, read: Versioned[Request], task: ServiceTask) -> None:
        """Move on, if this task is the one that was written last and all others of its stage have ended."""
        if await self.requests.is_last(read.row.id, task):
            await self.stage_ended(read, task.work)

    async def ended_before(self, read: Versioned[Request], task: ServiceTask) -> None:
        """Move on, if no task of the stage is open: for a repeat, perhaps after a crash between end and move."""
        if not await self.requests.open_tasks(read.row.id, task.stage):
            await self.stage_ended(read, task.work)

    async def stage_ended(self, read: Versioned[Request], work: Work) -> None:
        """Take the step that follows the last task of a stage."""
        if work is Work.EXPORT:
            await self.mover.from_read(read, self._collected)
        else:
            await self.advance.of(read.row.id)

    async def _collected(self, newest: Versioned[Request]) -> None:
        request = newest.row
        if request.stage not in {Work.EXPORT, RELEASE}:
            return  # Somebody else moved it on.
        reviewed = request.stage == RELEASE
        happening = Happening.ASSEMBLY_ADVANCED if reviewed else Happening.COLLECTED
        after, entry = request.happened(happening, self.clock(), stage=None)
        opens = [assembly_after_review(request.id) if reviewed else AssembleExport(request_id=UUID(request.id))]
        await self.mover.commit(Move(etag=newest.etag, request=after, entry=entry, opens=opens))


def is_running(request: Request, task: ServiceTask) -> bool:
    """Tell whether a task belongs to the stage that its request is in."""
    return request.stage == task.stage
