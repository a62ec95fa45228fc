"""What operators decide about erasures: approvals, new plans, tasks closed by hand, brakes let go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.dossier import Dossier
from shared.domain.erasure import Action, ErasurePlan, ErasureReceipt, Found
from shared.domain.errors import Conflict, Gone, InvalidInput, NotAllowed, NotFound, StaleState
from shared.domain.identity import OBJECT_ID
from shared.domain.references import References
from shared.domain.request import Request, RequestId
from shared.domain.service_task import ServiceTask, TaskState, Work
from shared.domain.states import Happening, State
from shared.domain.task_name import parse_task_id
from shared.messages.inputs import CloseTask
from shared.ports.erasing import Brake, Brakes
from shared.ports.requests import Move, RequestStore, Versioned
from shared.ports.world import Clock, Principal
from shared.use_cases.caller import Caller, require_operator
from shared.use_cases.ending_tasks import Ending, is_running, to_failed
from shared.use_cases.erasure_moves import nudge
from shared.use_cases.moving import Mover
from shared.use_cases.plan_erasure import PlanErasure
from shared.use_cases.reading_dossiers import Dossiers


@dataclass(frozen=True, slots=True, kw_only=True)
class OverseeErasures:
    """Decisions of named operators of the home tenant; none decides about themselves."""

    requests: RequestStore
    dossiers: Dossiers
    references: References
    brakes: Brakes
    planning: PlanErasure
    ending: Ending
    mover: Mover
    clock: Clock
    home_tenant: str

    async def plan(self, caller: Caller, request_id: RequestId) -> tuple[Request, ErasurePlan]:
        """Return a request's newest plan.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator, or the subject.
            NotFound: there is no such request.
            Conflict: `no_plan`.
        """
        operator = require_operator(caller, self.home_tenant)
        case = await self.requests.load(request_id)
        self._must_be_another(operator, case.request.row)
        if case.plan is None:
            raise Conflict("no_plan")
        return case.request.row, case.plan

    async def approve(self, caller: Caller, request_id: RequestId, plan_hash: str) -> Request:
        """Approve the plan that the operator was shown; again is no error.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator, or the subject.
            NotFound: there is no such request.
            Conflict: `plan_changed`, or there is none to approve.
        """
        operator = require_operator(caller, self.home_tenant)

        async def decide(read: Versioned[Request]) -> Request:
            request = read.row
            self._must_be_another(operator, request)
            if request.erasure is None or request.erasure.plan_hash is None:
                raise Conflict("no_plan")
            if request.erasure.plan_hash != plan_hash:
                raise Conflict("plan_changed")
            if request.erasure.approved_hash == plan_hash:
                return request
            approved = request.erasure.model_copy(
                update={"approved_hash": plan_hash, "approved_by": operator.object_id}
            )
            after, entry = request.happened(
                Happening.APPROVED, self.clock(), actor=operator.object_id, about=plan_hash, erasure=approved
            )
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry))
            return after

        after = await self.mover.on_newest(request_id, decide)
        await self.mover.send([nudge(after)])
        return after

    async def plan_anew(self, caller: Caller, request_id: RequestId) -> Request:
        """Have a halted erasure looked at and planned again; the new plan waits for an operator's approval.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator, or the subject.
            NotFound: there is no such request.
            Conflict: it is not halted.
        """
        operator = require_operator(caller, self.home_tenant)
        case = await self.requests.load(request_id)
        self._must_be_another(operator, case.request.row)
        if case.request.row.state is not State.HALTED:
            raise Conflict(f"not_while_{case.request.row.state.public}")
        await self.planning.survey(case, anew=True, actor=operator.object_id)
        return (await self.requests.read(request_id)).row

    async def close(self, caller: Caller, task_id: str, given: CloseTask) -> ServiceTask:
        """Close a task that no retry can save, with what the operator found or did.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator, or the subject.
            NotFound: there is no such task.
            Gone: `task_ended`.
            Conflict: `not_manual`, it is not an operator's turn.
            InvalidInput: a dataset that was erased has no count, or the outcome is not one of this work.
        """
        operator = require_operator(caller, self.home_tenant)
        request_id, key = parse_task_id(task_id)
        for _ in range(3):
            read, task = await self.requests.read_task(request_id, key)
            self._must_be_another(operator, read.row)
            if task.row.state.has_ended or not is_running(read.row, task.row):
                raise Gone("task_ended")
            if task.row.state is not TaskState.MANUAL:
                raise Conflict("not_manual")
            dossier, seal = await self.dossiers.opened(read.row)
            after = _closed(task.row, given, dossier, self.clock()).model_copy(
                update={"closed_by": operator.object_id, "evidence": seal.lock(given.evidence.encode())}
            )
            try:
                await self.requests.save_task(request_id, after, task.etag)
            except StaleState:
                continue
            await self._note(request_id, operator, after)
            read, _ = await self.requests.read_task(request_id, key)
            await self.ending.ended(read, after)
            return after
        raise StaleState(request_id)

    async def brakes_on(self, caller: Caller) -> Sequence[Brake]:
        """Return the brakes that are on.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator.
        """
        require_operator(caller, self.home_tenant)
        return await self.brakes.on()

    async def release(self, caller: Caller, brake_id: str) -> None:
        """Let a brake go: what waits for it goes on at its next look.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator.
            NotFound: it is not on.
        """
        require_operator(caller, self.home_tenant)
        await self.brakes.release(brake_id)

    def _must_be_another(self, operator: Principal, request: Request) -> None:
        own = self.references.subject_in_all_versions(OBJECT_ID, operator.object_id, operator.tenant)
        if request.owner_ref in own:
            raise NotAllowed

    async def _note(self, request_id: RequestId, operator: Principal, task: ServiceTask) -> None:
        async def note(read: Versioned[Request]) -> None:
            after, entry = read.row.happened(
                Happening.TASK_CLOSED, self.clock(), actor=operator.object_id, about=task.key
            )
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry))

        try:
            await self.mover.on_newest(request_id, note)
        except (Conflict, NotFound):
            return  # The request went on without it; the task's own row says who closed it.


def _closed(task: ServiceTask, given: CloseTask, dossier: Dossier, now: datetime) -> ServiceTask:
    if given.outcome in {"corrected", "not_corrected"} and task.work is not Work.RECTIFY:
        raise InvalidInput("outcome", "not one of this task's work")
    if task.work is Work.RECTIFY:
        return _corrected(task, given, dossier, now)
    if given.outcome == "not_erased":
        return to_failed(task, task.reason or "not_erased", now)
    known = {one.dataset for one in task.decisions}
    if not given.counts.keys() <= known:
        raise InvalidInput("counts", "names a dataset that is not part of this task")
    if given.outcome == "erased" and not known <= given.counts.keys():
        raise InvalidInput("counts", "a dataset of this task is missing")
    shown = {one.dataset: one for one in task.receipts}
    receipts = [
        shown.get(one.dataset)
        or ErasureReceipt(
            dataset=one.dataset,
            action=Action(one.action),
            count=given.counts.get(one.dataset, 0),
            method=f"by hand, {one.action.value}",
            at=now,
            verified="operator_evidence",
        )
        for one in task.decisions
    ]
    return task.model_copy(
        update={"state": TaskState.DONE, "receipts": tuple(receipts), "look_at": None, "ended_at": now}
    )


def _corrected(task: ServiceTask, given: CloseTask, dossier: Dossier, now: datetime) -> ServiceTask:
    """Return a correction as an operator closed it; whom the data went to is not known of what was done by hand."""
    if given.outcome in {"erased", "not_erased"}:
        raise InvalidInput("outcome", "not one of this task's work")
    if given.outcome == "not_corrected":
        return to_failed(task, task.reason or "not_corrected", now)
    if not given.counts.keys() <= {one.dataset for one in dossier.ask("rectification").corrections}:
        raise InvalidInput("counts", "names a dataset that is not part of this task")
    if given.outcome == "corrected" and not given.counts:
        raise InvalidInput("counts", "missing")
    found = {name: Found(count=count) for name, count in given.counts.items()} | dict(task.found)
    changes = {"state": TaskState.DONE, "counts": given.counts | task.counts, "found": found}
    return task.model_copy(update=changes | {"look_at": None, "ended_at": now})
