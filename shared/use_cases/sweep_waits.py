"""Look again at every request whose time has come: nothing that waits is ever forgotten."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.domain.errors import NotFound, StaleState
from shared.domain.request import Request
from shared.domain.service_task import ServiceTask, TaskState
from shared.domain.states import ANSWERED, Happening, State
from shared.messages.commands import AnyCommand, SendCode, SendNotice
from shared.ports.requests import Case, Move, RequestStore, Versioned, Wait, Waits
from shared.ports.world import Clock
from shared.use_cases.awaiting_controllers import AwaitingControllers
from shared.use_cases.closing_cases import ClosingCases
from shared.use_cases.ending_tasks import Ending, to_failed, to_manual
from shared.use_cases.erasure_moves import ErasureRules, marked, nudge
from shared.use_cases.lifting_measures import LiftingMeasures
from shared.use_cases.moving import Mover
from shared.use_cases.opening_stages import unanswered
from shared.use_cases.resend_code import PROOF_LAPSED
from shared.use_cases.reviewing_copies import ReviewingCopies
from shared.use_cases.together import together
from shared.use_cases.watching_clocks import WatchingClocks

log = logging.getLogger(__name__)

_CAME_TO_NOTHING = frozenset({State.REFUSED, State.WITHDRAWN, State.JOINED, State.UNANSWERED})
_LAPSED = timedelta(days=1)  # between looks at what nobody proved to be theirs
_PATIENT = timedelta(hours=1)  # between looks at what waits for a person or a vendor
_ADVANCING = frozenset({State.APPLYING, State.SURVEYING, State.ERASING, State.INFORMING, State.CERTIFYING})


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepWaits:
    """Take due waits, oldest first, ask each request's state what it needs, and note when to look next.

    An overdue command is issued again, so that even an emptied bus loses nothing. A task past its time limit fails, or
    waits for an operator. An erasure is asked what is due. A proof that never came is marked, for two people to end
    the request. What has expired is deleted.
    """

    requests: RequestStore
    waits: Waits
    closing: ClosingCases
    lifting: LiftingMeasures
    controllers: AwaitingControllers
    clocks: WatchingClocks
    ending: Ending
    reviewing: ReviewingCopies
    mover: Mover
    clock: Clock
    rules: ErasureRules
    reissue_after: timedelta
    manual_margin: timedelta
    proof_within: timedelta
    batch: int
    run_for: timedelta

    async def __call__(self) -> int:
        """Handle batches until no wait is due or the time for one run is over; return how many were handled.

        A request that cannot be handled now is looked at again later and holds up no other.
        """
        until, handled = self.clock() + self.run_for, 0
        while True:
            due = await self.waits.due(self.clock(), self.batch)
            handled += sum(await together([self._handle(wait) for wait in due]))
            if len(due) < self.batch or self.clock() >= until:
                return handled

    async def _handle(self, wait: Wait) -> bool:
        well = True
        try:
            again = await self._look(await self.requests.load(wait.request_id))
        except NotFound:
            again = None  # An orphan: the request's own write never came.
        except Exception as error:  # noqa: BLE001 - a row that nobody can read may not hold up all the others
            log.warning("wait put off request_id=%s error=%s", wait.request_id, type(error).__name__)
            well, again = False, self.clock() + self.reissue_after
        if again == wait.at:
            return well
        if again is not None:
            await self.waits.add(wait.request_id, again)
        await self.waits.remove(wait)
        return well

    async def _look(self, case: Case) -> datetime | None:
        """Do what one request needs now and return when to look at it next, None for never."""
        request, now = case.request.row, self.clock()
        if request.state is State.IDENTITY_PENDING and self._proof_is_overdue(case, now):
            await self._lapse(case, now)
            return now + self.reissue_after
        if request.state in _CAME_TO_NOTHING:
            await self.closing.delete_payloads(request)
            await self.lifting.came_to_nothing(request)
        if request.state in ANSWERED:
            await self._reissue(case, now)
            lifts_at = await self.lifting.look(case, now)
            if lifts_at == now:
                return now
            closes_at = await self.closing.look(case, now)
            return lifts_at if closes_at is None else min(closes_at, lifts_at or closes_at)
        if not request.state.is_final:
            if await self.closing.expire(case, now):
                return now
            while await self.clocks.watch(case, now):
                case = await self.requests.load(request.id)
            request = case.request.row
        running = case.stage(request.stage)
        overdue = [task for task in running if not task.row.state.has_ended and task.row.due_at <= now]
        if overdue:
            await self._end(case, overdue, now)
            return now
        await self._reissue(case, now)
        if running and all(task.row.state.has_ended for task in running):
            await self.ending.stage_ended(case.request, running[0].row.work)
        elif request.state in _ADVANCING and not running:
            await self._nudge(request, now)
        return await self._waiting(case, now)

    async def _waiting(self, case: Case, now: datetime) -> datetime | None:
        """Return when to look at a request next that is not answered; nudge an erasure whose time has come."""
        request, soon = case.request.row, now + self.reissue_after
        match request.state:
            case State.IDENTITY_PENDING if not case.open:
                lapses_at = (request.recorded_at or request.received_at) + self.proof_within
                return now + _LAPSED if PROOF_LAPSED in request.attention else max(lapses_at, soon)
            case state if state in _CAME_TO_NOTHING and not case.open:
                return None
            case State.FORWARDED:
                return await self.controllers.look(case, now) or now
            case State.DOUBTED | State.CLARIFYING:
                return soon if case.open else self._patiently(case, now)
            case State.REVIEWING:
                return min(self._patiently(case, now), await self.reviewing.look(case, now))
            case State.DECIDING if request.undecided:
                return soon if case.open else self._patiently(case, now)
            case State.DECIDING:
                await self._nudge(request, now)
            case State.HANDED_OVER:
                await self._nudge(request, now)
                reminded = request.erasure is not None and request.erasure.reminded_at is not None
                then = self.rules.starts_at(request) if reminded else self.rules.reminds_at(request)
                return soon if case.open else _between(soon, then, request.due_at - self.rules.reserve)
            case State.COOLING_OFF if request.erasure is not None:
                until = request.erasure.cooling_off_until
                if until is not None and until > now:
                    return min(soon, until) if case.open else until
                await self._nudge(request, now)
            case State.APPROVAL_PENDING:
                await self._nudge(request, now)
            case State.HALTED:
                return soon if case.open else now + _PATIENT
        return self._for_tasks(case, now)

    def _patiently(self, case: Case, now: datetime) -> datetime:
        """Return when to look at what waits for people: now and then, and when its next limit passes."""
        return min(now + _PATIENT, self.clocks.next_look(case) or now + _PATIENT)

    def _for_tasks(self, case: Case, now: datetime) -> datetime:
        """Return when to look at a request whose tasks are under way."""
        request, soon = case.request.row, now + self.reissue_after
        open_tasks = [task.row for task in case.stage(request.stage) if not task.row.state.has_ended]
        if case.open or not open_tasks or any(task.state is TaskState.PENDING for task in open_tasks):
            return soon
        return max(soon, min(now + _PATIENT, *(task.look_at or task.due_at for task in open_tasks)))

    def _proof_is_overdue(self, case: Case, now: datetime) -> bool:
        """Tell whether the time for a proof is over, and no code can still be given or is still to be mailed."""
        request = case.request.row
        since = request.recorded_at or request.received_at
        if now < since + self.proof_within or PROOF_LAPSED in request.attention:
            return False
        verification = request.verification
        if verification is not None and verification.expires_at is not None and verification.expires_at > now:
            return False
        return not any(isinstance(command, SendCode) for command in case.open.values())

    async def _lapse(self, case: Case, now: datetime) -> None:
        request = case.request.row
        issue = request.verification.issue if request.verification else 1
        after, entry = request.happened(Happening.PROOF_LAPSED, now, attention=marked(request, PROOF_LAPSED))
        notice = SendNotice(request_id=UUID(request.id), notice="identity_not_established", number=issue)
        await self.mover.commit(
            Move(
                etag=case.request.etag,
                request=after,
                entry=entry,
                opens=[notice] if request.tells_its_end else [],
                closes=list(case.open),
            )
        )

    async def _end(self, case: Case, overdue: Sequence[Versioned[ServiceTask]], now: datetime) -> None:
        """End tasks past their limit; the next look moves on, if these were the last.

        A service that did not answer in time, or a person who did not close what it left, ends in saying so.
        """
        request = case.request.row
        for task in overdue:
            log.warning("task past its limit request_id=%s task=%s", request.id, task.row.key)
            if task.row.state is TaskState.MANUAL:
                after = to_failed(task.row, task.row.reason or "not_closed", now)
            else:
                after = to_manual(request, task.row, "time_limit", now, self.manual_margin)
            try:
                await self.requests.save_task(request.id, after, task.etag)
            except StaleState:
                continue  # It answered just now.

    async def _reissue(self, case: Case, now: datetime) -> None:
        number = self._number(now)
        again: Sequence[AnyCommand] = [one.model_copy(update={"reissue": number}) for one in unanswered(case, now)]
        await self.mover.send(again)

    async def _nudge(self, request: Request, now: datetime) -> None:
        """Ask for an erasure's next step, as often as it takes: the bus would swallow the same message again."""
        await self.mover.send([nudge(request).model_copy(update={"reissue": self._number(now)})])

    def _number(self, now: datetime) -> int:
        return int(now.timestamp() // self.reissue_after.total_seconds())


def _between(soonest: datetime, *then: datetime) -> datetime:
    later = [one for one in then if one > soonest]
    return min(later, default=soonest)
