"""Take in what a service that listens to its own lane says of a task it claimed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.domain.erasure import Action, ErasureReceipt, Found
from shared.domain.errors import Conflict, InvalidInput, StaleState
from shared.domain.service_task import ServiceTask, TaskState, Work
from shared.messages.inputs import DatasetOutcome, TaskOutcome
from shared.ports.blobs import Blobs
from shared.ports.world import Clock
from shared.use_cases.caller import Caller
from shared.use_cases.ending_tasks import Ending, to_manual
from shared.use_cases.lane_tasks import LaneTask, LaneTasks, is_open, must_be_running
from shared.use_cases.moving import RETRIES, Mover
from shared.use_cases.opening_stages import granted_values, searches, task_command
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.reading_uploads import upload_name
from shared.use_cases.rectifying import received

OWN_LANE = "stores"  # where we take an upload in
MORE_THAN_PLANNED = "more_than_planned"  # the code of a service that found more than it was allowed to delete
_TAKEN_IN_WITHIN = timedelta(hours=1)  # an upload that came in time is not lost because taking it in takes longer


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTask:
    """Record an outcome. A repeat of one that is on record changes nothing."""

    tasks: LaneTasks
    uploads: Blobs
    dossiers: Dossiers
    ending: Ending
    mover: Mover
    clock: Clock
    manual_margin: timedelta

    async def __call__(self, caller: Caller, task_id: str, outcome: TaskOutcome) -> None:
        """Record what the service did, as its own statement, and move the request on if it was the last.

        Raises:
            NotSignedIn, NotAllowed: the caller is no service of ours.
            NotFound: there is no such task, or it is another service's.
            Gone: `task_ended`.
            InvalidInput: what is said shows less than was asked; nothing is recorded.
            Conflict: `upload_missing`.
            StaleState: the task changes faster than it can be read.
        """
        for _ in range(RETRIES):
            found = await self.tasks.read(caller, task_id)
            await self._must_be_open(found)
            if _stops(found.task.row, outcome):
                dataset = next((one.id for one in outcome.datasets), "")
                await self.tasks.halt(found.request.row.id, "count", _named(found.task.row, dataset))
                return
            after = await self._after(found, outcome)
            try:
                await self.tasks.requests.save_task(found.request.row.id, after, found.task.etag)
            except StaleState:
                continue
            await self._go_on(found, after)
            return
        raise StaleState(task_id)

    async def _must_be_open(self, found: LaneTask) -> None:
        """Refuse what comes too late; but what was erased is evidence, also where others' tasks stopped the erasure."""
        request, task = found.request.row, found.task.row
        if task.work is Work.ERASE and is_open(task) and not request.state.is_final:
            return
        if task.state.has_ended and request.stage == task.stage:
            # Told again, perhaps after a crash between the task's end and the request's move.
            await self.ending.ended_before(found.request, task)
        must_be_running(request, task)

    async def _after(self, found: LaneTask, outcome: TaskOutcome) -> ServiceTask:
        task, now = found.task.row, self.clock()
        if outcome.status == "failed":
            reason = outcome.code or "service_failed"
            return to_manual(found.request.row, task, reason, now, self.manual_margin)
        if task.work is Work.EXPORT:
            return await self._uploaded(found, outcome, now)
        ended = {"state": TaskState.DONE, "reason": None, "ended_at": now, "chunk": task.chunk + 1}
        if task.work is Work.SURVEY:
            told = _told(outcome, task.found)
            return task.model_copy(update=ended | {"found": {one.id: Found(count=one.count) for one in told}})
        if task.work is Work.RECTIFY:
            return task.model_copy(update=ended | await self._corrected(found, outcome))
        receipts = _receipts(task, outcome, now)
        counted = {one.dataset: Found(count=one.count) for one in receipts}
        return task.model_copy(update=ended | {"found": counted, "receipts": receipts})

    async def _corrected(self, found: LaneTask, outcome: TaskOutcome) -> dict[str, Any]:
        """Return what a correction shows: how many records say so now, and the recipients that always receive them."""
        request, task = found.request.row, found.task.row
        dossier, data_map = await self.dossiers.of(request), self.tasks.maps.current()
        searched = searches(data_map, found.service, request.parts[task.part], dossier)
        values = granted_values(request, task.part, dossier, data_map)
        asked = {dataset.id: dataset for dataset, _ in searched if dataset.id in values}
        told = _told(outcome, asked)
        _must_leave_nothing(told)
        return {
            "counts": {one.id: one.count for one in told},
            "found": {one.id: received(asked[one.id], Found(count=one.count)) for one in told},
        }

    async def _uploaded(self, found: LaneTask, outcome: TaskOutcome, now: datetime) -> ServiceTask:
        """Hand the task over to ourselves: the records are taken in like those of any store."""
        request, task = found.request.row, found.task.row
        _told(outcome, ())
        if await self.uploads.size(upload_name(request.id, task)) is None:
            raise Conflict("upload_missing")
        _, seal = await self.dossiers.opened(request)
        return task.model_copy(
            update={
                "lane": OWN_LANE,
                "answer": seal.lock(outcome.model_dump_json().encode()),
                "chunk": task.chunk + 1,
                "due_at": max(task.due_at, now + _TAKEN_IN_WITHIN),
            }
        )

    async def _go_on(self, found: LaneTask, after: ServiceTask) -> None:
        if after.state.has_ended:
            await self.ending.ended(found.request, after)
        elif after.state is TaskState.PENDING:
            await self.mover.send([task_command(found.request.row.id, after)])


def _stops(task: ServiceTask, outcome: TaskOutcome) -> bool:
    return task.work is Work.ERASE and outcome.status == "failed" and outcome.code == MORE_THAN_PLANNED


def _named(task: ServiceTask, dataset: str) -> str:
    """Return a dataset of the task: the one that was named, where it is one, else the first."""
    decided = [one.dataset for one in task.decisions]
    return dataset if dataset in decided else decided[0]


def _told(outcome: TaskOutcome, asked: Collection[str]) -> tuple[DatasetOutcome, ...]:
    """Return what was told of every dataset that was asked for.

    Raises:
        InvalidInput: one is missing, told twice, or was never asked for.
    """
    told: set[str] = set()
    for number, one in enumerate(outcome.datasets):
        if one.id not in asked or one.id in told:
            raise InvalidInput(f"datasets.{number}.id", "told twice" if one.id in told else "not asked for")
        told.add(one.id)
    for name in sorted(set(asked) - told):
        raise InvalidInput(f"datasets.{name}", "missing")
    return outcome.datasets


def _receipts(task: ServiceTask, outcome: TaskOutcome, now: datetime) -> tuple[ErasureReceipt, ...]:
    actions = {one.dataset: one.action for one in task.decisions if one.action is not Action.RETAIN}
    told = _told(outcome, actions)
    _must_leave_nothing(told)
    return tuple(
        ErasureReceipt(
            dataset=one.id,
            action=actions[one.id],
            count=one.count,
            method=one.method,
            at=now,
            verified="service_statement",
        )
        for one in told
    )


def _must_leave_nothing(told: Iterable[DatasetOutcome]) -> None:
    for one in told:
        if one.remaining:
            raise InvalidInput(f"datasets.{one.id}.remaining", "not zero: no evidence")
