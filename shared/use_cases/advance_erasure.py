"""Take an erasure from one stage to the next: dry run, plan, time to think, waves, word to recipients, certificate.

One question, asked of the state alone and harmless to ask at any time: what is due now? Whoever ends a stage asks it,
and so do the person, an operator and the sweep.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from shared.domain.erasure import ErasurePlan, Found, drift, plan
from shared.domain.errors import StaleState
from shared.domain.request import Erasing, Happening, Request, RequestId, State
from shared.domain.service_task import ServiceTask, TaskState, Work
from shared.messages.commands import AdvanceErasure, SendNotice
from shared.ports.erasing import Brakes, Holds
from shared.ports.requests import Case, Move, RequestStore, Waits
from shared.ports.world import Clock, Maps
from shared.use_cases.halted_rounds import accounted
from shared.use_cases.issue_certificate import IssueCertificate
from shared.use_cases.moving import Mover
from shared.use_cases.opening_stages import erasing_tasks, informing_tasks, searching_tasks, task_command
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.taking_turns import TakingTurns

log = logging.getLogger(__name__)

MOST_STEPS = 16
APPROVAL = "approval_pending"
SURVEY_INCOMPLETE = "survey_incomplete"
BRAKED = "braked"
OWN = "own"  # the brake on erasures for people whom no tenant knows


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRules:
    """The settings that an erasure follows.

    `approval` says who approves a plan: the end of the cooling-off, or an operator after it. Of a copy that comes
    before: `remind_after` its being handed over, `start_after` the reminder; `reserve` is the time an erasure itself
    is given before the answer is due.
    """

    cooling_off: timedelta
    approval: Literal["cooling_off", "operator"]
    remind_after: timedelta
    start_after: timedelta
    reserve: timedelta
    inform_within: timedelta
    brake_limit: int
    brake_window: timedelta

    def starts_at(self, request: Request) -> datetime:
        """Return when the erasure behind a copy starts at the latest."""
        given = _erasing(request).handed_over_at or request.received_at
        reminded = _erasing(request).reminded_at or given + self.remind_after
        return min(reminded + self.start_after, request.due_at - self.reserve)

    def reminds_at(self, request: Request) -> datetime:
        """Return when the person is reminded of a copy they did not fetch."""
        given = _erasing(request).handed_over_at or request.received_at
        return min(given + self.remind_after, request.due_at - self.reserve - self.start_after / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceErasureUseCase:
    """Do what is due, step by step, until something has to be waited for."""

    requests: RequestStore
    dossiers: Dossiers
    maps: Maps
    holds: Holds
    brakes: Brakes
    turns: TakingTurns
    waits: Waits
    certify: IssueCertificate
    mover: Mover
    clock: Clock
    rules: ErasureRules

    async def __call__(self, command: AdvanceErasure) -> None:
        """Answer a nudge.

        Raises:
            NotFound: there is no such request.
            Transient: something failed in a way that may pass.
            StaleState: the request moves faster than it can be read.
        """
        await self.of(RequestId(str(command.request_id)))

    async def of(self, request_id: RequestId) -> None:
        """Do what is due for one request."""
        for _ in range(MOST_STEPS):
            case = await self.requests.load(request_id)
            try:
                if not await self._step(case):
                    return
            except StaleState:
                continue
        raise StaleState(request_id)

    async def _step(self, case: Case) -> bool:
        """Take one step, if one is due; tell whether another may be due at once."""
        request = case.request.row
        match request.state:
            case State.HANDED_OVER:
                return await self._after_copy(case)
            case State.SURVEYING if _is_over(case):
                return await self._plan(case)
            case State.COOLING_OFF | State.APPROVAL_PENDING:
                return await self._start(case)
            case State.ERASING if _is_over(case):
                return await self._after_wave(case)
            case State.INFORMING if _is_over(case):
                await self._move(case, Happening.INFORMED, stage=None)
                return True
            case State.CERTIFYING:
                await self.certify(case)
                await self.turns.leave(request)
        return False

    # ── Behind a copy ────────────────────────────────────────────────────────────────────────────────────────────────

    async def _after_copy(self, case: Case) -> bool:
        request, now = case.request.row, self.clock()
        erasure = _erasing(request)
        whole = all(part.state is State.COMPLETED for part in request.parts if part.right == "access")
        fetched = request.export is not None and request.export.downloads > 0
        if erasure.waived_at is not None or (whole and fetched):
            return await self.survey(case)
        if not whole:
            if now >= request.due_at - self.rules.reserve:
                await self._stop(case)
            return False
        if erasure.reminded_at is None and now >= self.rules.reminds_at(request):
            reminded = erasure.model_copy(update={"reminded_at": now})
            await self.waits.add(request.id, self.rules.starts_at(request))
            notice = SendNotice(request_id=UUID(request.id), notice="reminder")
            await self._move(case, Happening.REMINDED, opens=[notice], erasure=reminded)
            return False
        if erasure.reminded_at is not None and now >= self.rules.starts_at(request):
            return await self.survey(case)
        return False

    async def _stop(self, case: Case) -> None:
        """End the erasure unmade: a copy that could not be made whole may not be followed by deletion unasked."""
        request = case.request.row
        parts = tuple(
            part if part.state.is_final else part.model_copy(update={"state": State.REFUSED}) for part in request.parts
        )
        notice = SendNotice(request_id=UUID(request.id), notice="erasure_stopped")
        await self._move(case, Happening.ERASURE_STOPPED, opens=[notice], parts=parts, reason="copy_incomplete")

    # ── Dry run and plan ─────────────────────────────────────────────────────────────────────────────────────────────

    async def survey(self, case: Case, *, anew: bool = False, actor: str = "") -> bool:
        """Begin a dry run of every service; `anew` makes it another round, whose plan an operator has to approve."""
        request, data_map, now = case.request.row, self.maps.current(), self.clock()
        erasure = _erasing(request)
        halted = erasure.halted
        if anew:
            erasure = Erasing(
                round=erasure.round + 1,
                handed_over_at=erasure.handed_over_at,
                waived_at=erasure.waived_at,
                reminded_at=erasure.reminded_at,
                started_at=erasure.started_at,
            )
        stage = _survey_of(case, erasure.round)
        dossier = await self.dossiers.of(request)
        tasks = searching_tasks(Work.SURVEY, stage, data_map, request.parts, dossier, now)
        await self._move(
            case,
            Happening.SURVEY_STARTED,
            tasks=tasks,
            actor=actor,
            stage=stage if tasks else None,
            map_version=data_map.version,
            erasure=erasure,
            attention=_without(request, APPROVAL, BRAKED, *halted) if anew else request.attention,
        )
        return not tasks

    async def _plan(self, case: Case) -> bool:
        request, data_map, now = case.request.row, self.maps.current(), self.clock()
        erasure = _erasing(request)
        first = erasure.round == 1
        if request.map_version != data_map.version and request.stage is not None:
            return await self.survey(case, anew=erasure.started_at is not None)
        found: dict[tuple[int, str], Found] = {}
        marks = set() if first else {APPROVAL}
        for task in case.stage(request.stage):
            marks |= {SURVEY_INCOMPLETE} if task.row.state is TaskState.FAILED else set()
            found |= {(task.row.part, dataset): one for dataset, one in task.row.found.items()}
        for stopped in accounted(case, found, data_map, now):
            await self.requests.save_task(request.id, stopped.row, stopped.etag)
        made = plan(data_map, found, await self._held(request), now)
        until = now + self.rules.cooling_off if first else now
        planned = erasure.model_copy(update={"plan_hash": made.hash, "cooling_off_until": until})
        waits = first and bool(self.rules.cooling_off)
        if waits:
            await self.waits.add(request.id, until)
        notice = SendNotice(request_id=UUID(request.id), notice="planned", number=erasure.round)
        after = await self._move(
            case,
            Happening.PLAN_MADE if first else Happening.PLAN_REMADE,
            plan_made=made,
            opens=[notice] if waits else [],
            about=made.hash,
            stage=None,
            erasure=planned,
            attention=_with(request, *marks),
        )
        if waits:
            await self.mover.send([nudge(after)], self.rules.cooling_off)
        return first and not waits

    # ── Start ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _start(self, case: Case) -> bool:
        request, now = case.request.row, self.clock()
        erasure, made = _erasing(request), case.plan
        if made is None or made.hash != erasure.plan_hash:
            raise StaleState(request.id)
        if erasure.cooling_off_until is None or now < erasure.cooling_off_until:
            return False
        asks = self.rules.approval == "operator" or erasure.round > 1
        if asks and erasure.approved_hash != made.hash:
            if request.state is State.COOLING_OFF:
                await self._move(case, Happening.COOLED_OFF, attention=_with(request, APPROVAL))
            return False
        data_map, held = self.maps.current(), await self._held(request)
        for one in made.decisions:
            code = drift(data_map.service(one.service), one, held=(one.part, one.dataset) in held)
            if code is not None:
                await self.halt(case, code, one.dataset)
                return False
        if not await self.turns.is_next(request):
            return False
        if erasure.started_at is None and not await self._may_start(request):
            if BRAKED not in request.attention:
                await self._move(case, Happening.BRAKED, attention=_with(request, BRAKED))
            return False
        started = erasure.model_copy(update={"started_at": erasure.started_at or now})
        wave = next(iter(made.waves), None)
        stage = None if wave is None else _stage_of(Work.ERASE, erasure.round, wave)
        tasks = [] if wave is None or stage is None else erasing_tasks(stage, wave, data_map, made, now)
        await self._move(
            case,
            Happening.ERASURE_STARTED,
            tasks=tasks,
            about=made.hash,
            stage=stage,
            erasure=started,
            attention=_without(request, APPROVAL, BRAKED),
        )
        return not tasks

    async def _may_start(self, request: Request) -> bool:
        """Ask the brakes of everybody whose data is erased from; count only when all of them are off."""
        asked = [part for part in request.parts if part.right == "erasure"]
        brakes = sorted({part.tenant or OWN for part in asked})
        for one in brakes:
            if await self.brakes.is_on(one):
                return False
        for one in brakes:
            if not await self.brakes.count(one, self.rules.brake_limit, self.rules.brake_window):
                log.error("brake on, erasures wait for an operator brake=%s request_id=%s", one, request.id)
                return False
        return True

    async def stop(self, request_id: RequestId, code: str, dataset: str) -> None:
        """Halt an erasure that is running, on word of a service's task; one that is not is left as it is."""
        for _ in range(MOST_STEPS):
            case = await self.requests.load(request_id)
            if case.request.row.state is not State.ERASING:
                return
            try:
                await self.halt(case, code, dataset)
            except StaleState:
                continue
            return
        raise StaleState(request_id)

    async def halt(self, case: Case, code: str, dataset: str) -> None:
        """Stop for a person to look: what there is no longer fits the plan."""
        request = case.request.row
        erasure = _erasing(request).model_copy(update={"halted": (f"drift_{code}",)})
        log.error("erasure halted request_id=%s code=%s dataset=%s", request.id, code, dataset)
        attention = _with(request, f"drift_{code}")
        await self._move(case, Happening.HALTED, about=dataset, stage=None, erasure=erasure, attention=attention)
        await self.turns.leave(request)

    # ── After a wave ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _after_wave(self, case: Case) -> bool:
        request, now = case.request.row, self.clock()
        erasure, made = _erasing(request), case.plan
        if made is None or made.hash != erasure.plan_hash:
            raise StaleState(request.id)
        done = -1 if request.stage is None else int(request.stage.rpartition("-")[2])
        wave = next((one for one in made.waves if one > done), None)
        if wave is not None:
            stage = _stage_of(Work.ERASE, erasure.round, wave)
            tasks = erasing_tasks(stage, wave, self.maps.current(), made, now)
            await self._move(case, Happening.WAVE_ERASED, tasks=tasks, about=str(done), stage=stage)
            return not tasks
        erased = erasure.model_copy(update={"erased_at": now})
        stage = f"{Work.INFORM}{erasure.round}"
        tasks = informing_tasks(stage, case, now, self.rules.inform_within)
        if tasks:
            await self._move(case, Happening.ERASED, tasks=tasks, stage=stage, erasure=erased)
            return False
        await self._move(case, Happening.INFORMED, stage=None, erasure=erased)
        return True

    # ── How it moves ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _held(self, request: Request) -> set[tuple[int, str]]:
        asked = [number for number, part in enumerate(request.parts) if part.right == "erasure"]
        return {(number, dataset) for number in asked for dataset in await self.holds.held(request.id, number)}

    async def _move(
        self,
        case: Case,
        happening: Happening,
        *,
        tasks: Sequence[ServiceTask] = (),
        opens: Sequence[SendNotice] = (),
        plan_made: ErasurePlan | None = None,
        actor: str = "",
        about: str = "",
        **changes: object,
    ) -> Request:
        request = case.request.row
        after, entry = request.happened(happening, self.clock(), actor=actor, about=about, **changes)
        move = Move(etag=case.request.etag, request=after, entry=entry, tasks=tasks, opens=opens, plan=plan_made)
        await self.mover.commit(move, also_send=[task_command(request.id, task) for task in tasks])
        return after


def nudge(request: Request) -> AdvanceErasure:
    """Return the command that asks what is due, as of a request's newest line of history."""
    return AdvanceErasure(request_id=UUID(request.id), seq=request.seq)


def _is_over(case: Case) -> bool:
    return all(task.row.state.has_ended for task in case.stage(case.request.row.stage))


def _survey_of(case: Case, number: int) -> str:
    """Name the stage of a dry run; one that begins again within its round gets a name, and so tasks, of its own."""
    name = f"{Work.SURVEY}{number}"
    before = {task.stage for task in case.of(Work.SURVEY) if task.stage.partition("-")[0] == name}
    return f"{name}-{len(before)}" if before else name


def _stage_of(work: Work, number: int, wave: int) -> str:
    return f"{work}{number}-{wave}"


def _erasing(request: Request) -> Erasing:
    if request.erasure is None:
        raise StaleState(request.id)
    return request.erasure


def _with(request: Request, *codes: str) -> tuple[str, ...]:
    return tuple(sorted({*request.attention, *codes}))


def _without(request: Request, *codes: str) -> tuple[str, ...]:
    return tuple(code for code in request.attention if code not in codes)
