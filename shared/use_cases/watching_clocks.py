"""Watch the clocks of a request: its own, and those of the services it waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from shared.domain.request import Request
from shared.domain.service_task import ServiceTask, TaskState
from shared.domain.states import Happening, State
from shared.messages.commands import SendNotice
from shared.ports.requests import Case, Move
from shared.ports.world import Maps
from shared.use_cases.erasure_moves import marked
from shared.use_cases.extending import AT_RISK
from shared.use_cases.moving import Mover
from shared.use_cases.pausing import AnswerClock, stands_still

SERVICE_LATE, NOT_TOLD = "service_late", "extension_not_told"
_REMINDED, _LATE = "reminded", "late"
_REMIND_AT, _ESCALATE_AT = 0.5, 0.8  # of the time a service has for a task: ours
# Nobody is known to ask yet; a customer decides, who has a ladder of its own.
_NOT_OURS = frozenset({State.IDENTITY_PENDING, State.FORWARDED})


class _Rung(NamedTuple):
    """One step of the ladder of a task: when it falls due, and the mark that it was taken."""

    at: datetime
    mark: str
    task: ServiceTask


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchingClocks:
    """Reminds services, tells operators and marks what is at risk, each once.

    `reserve` is how long before an answer is due operators are warned.
    """

    answer_clock: AnswerClock
    maps: Maps
    mover: Mover
    reserve: timedelta

    async def watch(self, case: Case, now: datetime) -> bool:
        """Take the next step of the ladder where one is due; tell whether the request moved by it."""
        request = case.request.row
        if request.extension is not None and now > self.answer_clock.first_month_ends(request) and _is_untold(case):
            await self._take_back(case, now)
            return True
        rungs = [one for one in self._rungs(case) if one.at <= now < one.task.due_at]
        late = [one for one in rungs if one.mark.startswith(_LATE)]
        if late:
            await self._escalate(case, [*late, *rungs], now)
            return True
        if rungs:
            await self._remind(case, rungs, now)
            return True
        risk = self._risk_at(request)
        if risk is not None and risk <= now:
            await self._mark_at_risk(case, now)
            return True
        return False

    def next_look(self, case: Case) -> datetime | None:
        """Return when the next step falls due, None for never."""
        request = case.request.row
        moments = [one.at for one in self._rungs(case)]
        moments += [one for one in (self._risk_at(request),) if one is not None]
        if request.extension is not None and _is_untold(case):
            moments.append(self.answer_clock.first_month_ends(request) + timedelta(seconds=1))
        return min(moments, default=None)

    def _rungs(self, case: Case) -> list[_Rung]:
        """Return the steps not taken yet for services that have not answered; what waits for a person has none."""
        request = case.request.row
        found: list[_Rung] = []
        running = [one.row for one in case.stage(request.stage)] if request.stage else []
        waiting = [one for one in running if one.state in {TaskState.PENDING, TaskState.WAITING}]
        data_map = self.maps.current() if waiting else None
        for task in waiting:
            service = data_map.service(task.service) if data_map else None
            if service is None:
                continue
            began = task.due_at - service.time_limit
            for mark, share in ((_REMINDED, _REMIND_AT), (_LATE, _ESCALATE_AT)):
                known = f"{mark}:{task.key}"
                if known not in request.warned:
                    found.append(_Rung(began + service.time_limit * share, known, task))
        return found

    def _risk_at(self, request: Request) -> datetime | None:
        """Return when the request is at risk, None where that was said, or its clock stands still or is not ours."""
        alarm = self.answer_clock.alarm(request)
        if request.state.is_final or request.state in _NOT_OURS or stands_still(request):
            return None
        return None if _risk_mark(alarm) in request.warned else alarm - self.reserve

    async def _remind(self, case: Case, rungs: Sequence[_Rung], now: datetime) -> None:
        request = case.request.row
        services = sorted({one.task.service for one in rungs})
        notices = [
            SendNotice(
                request_id=UUID(request.id), notice="service_reminder", about=service, number=len(request.warned) + 1
            )
            for service in services
        ]
        await self._warn(case, Happening.SERVICE_REMINDED, ",".join(services), rungs, notices, request.attention, now)

    async def _escalate(self, case: Case, rungs: Sequence[_Rung], now: datetime) -> None:
        request = case.request.row
        services = sorted({one.task.service for one in rungs if one.mark.startswith(_LATE)})
        attention = marked(request, SERVICE_LATE)
        await self._warn(
            case, Happening.ESCALATED, ",".join(services), rungs, [_alert(request, SERVICE_LATE)], attention, now
        )

    async def _mark_at_risk(self, case: Case, now: datetime) -> None:
        request = case.request.row
        alarm = self.answer_clock.alarm(request)
        after, entry = request.happened(
            Happening.AT_RISK,
            now,
            about=alarm.date().isoformat(),
            attention=marked(request, AT_RISK),
            warned=(*request.warned, _risk_mark(alarm)),
        )
        await self.mover.commit(
            Move(etag=case.request.etag, request=after, entry=entry, opens=[_alert(request, AT_RISK)])
        )

    async def _take_back(self, case: Case, now: datetime) -> None:
        """Let an extension go that nobody was told of in time: the law knows none (GDPR Art. 12(3))."""
        request = case.request.row
        due = self.answer_clock.due(request.model_copy(update={"extension": None}))
        notice = SendNotice(request_id=UUID(request.id), notice="extended")
        changes: dict[str, Any] = {
            "extension": None,
            "due_at": due,
            "attention": marked(request, NOT_TOLD, AT_RISK),
            "warned": (*request.warned, NOT_TOLD),
        }
        after, entry = request.happened(Happening.AT_RISK, now, about=NOT_TOLD, **changes)
        await self.answer_clock.list_anew(request, changes)
        await self.mover.commit(
            Move(
                etag=case.request.etag,
                request=after,
                entry=entry,
                opens=[_alert(request, NOT_TOLD)],
                closes=[notice.key],
            )
        )
        await self.answer_clock.unlist(request, after)

    async def _warn(
        self,
        case: Case,
        happening: Happening,
        about: str,
        rungs: Sequence[_Rung],
        opens: Sequence[SendNotice],
        attention: tuple[str, ...],
        now: datetime,
    ) -> None:
        request = case.request.row
        warned = tuple(dict.fromkeys((*request.warned, *(one.mark for one in rungs))))
        after, entry = request.happened(happening, now, about=about, attention=attention, warned=warned)
        await self.mover.commit(Move(etag=case.request.etag, request=after, entry=entry, opens=opens))


def _alert(request: Request, code: str) -> SendNotice:
    return SendNotice(request_id=UUID(request.id), notice="operator_alert", about=code, number=len(request.warned) + 1)


def _risk_mark(alarm: datetime) -> str:
    return f"{AT_RISK}:{alarm.date().isoformat()}"


def _is_untold(case: Case) -> bool:
    """Tell whether the notice of an extension reached nobody. Who signed in and has no address reads it in the app."""
    request = case.request.row
    if any(one.notice == "extended" for one in request.told):
        return False
    waiting = SendNotice(request_id=UUID(request.id), notice="extended").key in case.open
    return waiting or not request.signed_in
