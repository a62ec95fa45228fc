"""How an erasure moves its request, and what its settings say of when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from shared.domain.erasure import ErasurePlan
from shared.domain.errors import StaleState
from shared.domain.request import Erasing, Request
from shared.domain.service_task import ServiceTask, Work
from shared.domain.states import Happening
from shared.messages.commands import AdvanceRequest, PlanRequest, SendNotice
from shared.ports.requests import Case, Move
from shared.ports.world import Clock
from shared.use_cases.moving import Mover
from shared.use_cases.opening_stages import task_command


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
        given = erasing_of(request).handed_over_at or request.received_at
        reminded = erasing_of(request).reminded_at or given + self.remind_after
        return min(reminded + self.start_after, request.due_at - self.reserve)

    def reminds_at(self, request: Request) -> datetime:
        """Return when the person is reminded of a copy they did not fetch."""
        given = erasing_of(request).handed_over_at or request.received_at
        return min(given + self.remind_after, request.due_at - self.reserve - self.start_after / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureMoves:
    """Commits what an erasure decided, with the tasks that follow from it."""

    mover: Mover
    clock: Clock

    async def __call__(
        self,
        case: Case,
        happening: Happening,
        *,
        tasks: Sequence[ServiceTask] = (),
        opens: Sequence[SendNotice] = (),
        plan: ErasurePlan | None = None,
        actor: str = "",
        about: str = "",
        **changes: object,
    ) -> Request:
        """Move a request on from the case that was read, and return it.

        Raises:
            StaleState: somebody else moved it first; nothing was written.
        """
        request = case.request.row
        after, entry = request.happened(happening, self.clock(), actor=actor, about=about, **changes)
        move = Move(etag=case.request.etag, request=after, entry=entry, tasks=tasks, opens=opens, plan=plan)
        await self.mover.commit(move, also_send=[task_command(request.id, task) for task in tasks])
        return after


def nudge(request: Request) -> AdvanceRequest:
    """Return the command that asks what is due, as of a request's newest line of history."""
    return AdvanceRequest(request_id=UUID(request.id), seq=request.seq)


def planning_of(request: Request) -> PlanRequest:
    """Return the command to plan a request, perhaps again: the bus would swallow the first planning's message."""
    return PlanRequest(request_id=UUID(request.id), reissue=request.seq)


def erasing_of(request: Request) -> Erasing:
    """Return where a request's erasure stands."""
    if request.erasure is None:
        raise StaleState(request.id)
    return request.erasure


def plan_of(case: Case) -> ErasurePlan:
    """Return the plan that a case's erasure runs by.

    Raises:
        StaleState: another one was made meanwhile.
    """
    if case.plan is None or case.plan.hash != erasing_of(case.request.row).plan_hash:
        raise StaleState(case.request.row.id)
    return case.plan


def stage_of(work: Work, number: int, wave: int) -> str:
    """Name the stage of one wave of a round."""
    return f"{work}{number}-{wave}"


def marked(request: Request, *codes: str) -> tuple[str, ...]:
    """Return what an operator should look at, with these codes."""
    return tuple(sorted({*request.attention, *codes}))


def unmarked(request: Request, *codes: str) -> tuple[str, ...]:
    """Return what an operator should look at, without these codes."""
    return tuple(code for code in request.attention if code not in codes)
