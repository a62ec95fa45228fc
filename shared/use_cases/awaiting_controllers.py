"""Wait for a customer to decide its case: remind it, ask others who may decide, and say at the end who kept silent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.domain.deadline import LEGAL_ZONE, day_of, roll_to_working_day
from shared.domain.request import Request
from shared.domain.states import Happening
from shared.messages.commands import Notice, SendNotice
from shared.ports.requests import Case
from shared.ports.tenants import Tenants
from shared.ports.world import Clock
from shared.use_cases.erasure_moves import ErasureMoves, marked, unmarked
from shared.use_cases.splitting_cases import CONTROLLER_UNKNOWN

CONTROLLER_UNASKED, CONTROLLER_LATE = "controller_unasked", "controller_late"
_PATIENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The settings of how a customer's silence climbs, each from the moment its case was passed on."""

    asked_within_working_days: int
    reminded_after: timedelta
    others_after: timedelta
    partner_after: timedelta
    late_after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitingControllers:
    """The ladder of a forwarded case. Silence is never approval."""

    tenants: Tenants
    move: ErasureMoves
    clock: Clock
    ladder: Ladder
    reissue_after: timedelta

    async def look(self, case: Case, now: datetime) -> datetime | None:
        """Climb, if it is time, and return when to look again; None where the case moved and wants a new look.

        Raises:
            StaleState: somebody decided it just now.
        """
        request = case.request.row
        if await self._climbs(case, now):
            return None
        steps = [request.due_at, self._asked_by(request), *(at for _, at in self._rungs(request))]
        soon = now + (self.reissue_after if case.open else _PATIENT)
        return min([soon, *(step for step in steps if step > now)])

    async def _climbs(self, case: Case, now: datetime) -> bool:
        """Take the first step that is due, and tell whether there was one."""
        request = case.request.row
        if now > request.due_at:
            await self._give_up(case)
            return True
        if CONTROLLER_UNKNOWN in request.attention and await self._is_known_now(case):
            return True
        for rung, at in self._rungs(request):
            if at <= now and rung not in request.warned:
                await self._step(case, rung)
                return True
        unasked = not any(one.notice == "controller_asked" for one in request.told)
        if unasked and self._asked_by(request) < now and CONTROLLER_UNASKED not in request.warned:
            await self._alert(case, CONTROLLER_UNASKED)
            return True
        return False

    def _rungs(self, request: Request) -> Sequence[tuple[Notice, datetime]]:
        """Return every step and its moment: none comes after the answer is due."""
        ladder, asked = self.ladder, request.forwarded_at or request.received_at
        rungs: list[tuple[Notice, timedelta]] = [
            ("controller_reminder", ladder.reminded_after),
            ("controller_others", ladder.others_after),
            ("controller_partner", ladder.partner_after),
            ("operator_alert", ladder.late_after),
        ]
        return [(rung, min(asked + after, request.due_at)) for rung, after in rungs]

    def _asked_by(self, request: Request) -> datetime:
        """Return the end of the last working day on which the customer may be asked at the latest."""
        day = day_of(request.forwarded_at or request.received_at)
        for _ in range(self.ladder.asked_within_working_days):
            day = roll_to_working_day(day + timedelta(days=1))
        return datetime.combine(day, time(23, 59, 59), ZoneInfo(LEGAL_ZONE))

    async def _step(self, case: Case, rung: Notice) -> None:
        if rung == "operator_alert":
            await self._alert(case, CONTROLLER_LATE, warned=rung)
            return
        request = case.request.row
        await self.move(
            case,
            Happening.CONTROLLER_REMINDED,
            opens=[SendNotice(request_id=UUID(request.id), notice=rung)],
            about=rung,
            warned=(*request.warned, rung),
        )

    async def _alert(self, case: Case, code: str, warned: str | None = None) -> None:
        request = case.request.row
        await self.move(
            case,
            Happening.ESCALATED,
            opens=[SendNotice(request_id=UUID(request.id), notice="operator_alert", about=code)],
            about=code,
            attention=marked(request, code),
            warned=(*request.warned, warned or code),
        )

    async def _is_known_now(self, case: Case) -> bool:
        """Ask a customer that nobody knew when its case was made, once somebody does."""
        request = case.request.row
        if await self.tenants.read(request.tenant or "") is None:
            return False
        await self.move(
            case,
            Happening.CONTROLLER_REMINDED,
            opens=[SendNotice(request_id=UUID(request.id), notice="controller_asked")],
            about="controller_asked",
            attention=unmarked(request, CONTROLLER_UNKNOWN),
        )
        return True

    async def _give_up(self, case: Case) -> None:
        """Tell the person that their controller kept silent, and whom they may turn to."""
        request = case.request.row
        await self.move(
            case,
            Happening.CONTROLLER_SILENT,
            opens=[SendNotice(request_id=UUID(request.id), notice="controller_silent")],
            reason="controller_silent",
        )
