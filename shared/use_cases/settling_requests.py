"""Settle what was asked beside copies and an erasure: wait for people's decisions, apply them, and tell the outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.domain.data_map import DataMap
from shared.domain.dossier import Dossier
from shared.domain.request import Part, Request
from shared.domain.service_task import ServiceTask, TaskState, Work
from shared.domain.states import Happening, State
from shared.messages.commands import SendNotice
from shared.ports.requests import Case
from shared.ports.world import Clock, Maps
from shared.rights import discovered
from shared.use_cases.applying_measures import ApplyingMeasures
from shared.use_cases.erasure_moves import ErasureMoves, unmarked
from shared.use_cases.noting_corrections import NotingCorrections
from shared.use_cases.opening_stages import correcting_tasks, granted_values, told_tasks
from shared.use_cases.plan_erasure import PlanErasure
from shared.use_cases.reading_dossiers import Dossiers

DECISION = "decision_pending"
RECTIFY, TELL = Work.RECTIFY.value, "tell"
_SETTLED = {
    State.COMPLETED: Happening.SETTLED,
    State.PARTIALLY_COMPLETED: Happening.SETTLED_PARTIAL,
    State.REFUSED: Happening.SETTLED_REFUSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlingRequests:
    """The steps between a copy and an erasure. Each is asked of the state, and harmless to ask again."""

    dossiers: Dossiers
    maps: Maps
    measures: ApplyingMeasures
    corrections: NotingCorrections
    planning: PlanErasure
    move: ErasureMoves
    clock: Clock
    inform_within: timedelta

    async def decide(self, case: Case) -> bool:
        """Go on once people have decided every part that waits for it; tell whether another step may be due."""
        request = case.request.row
        if request.undecided:
            return False
        dossier, data_map = await self.dossiers.of(request), self.maps.current()
        await self.measures.decided(request, dossier, data_map)
        tasks = correcting_tasks(RECTIFY, data_map, request, dossier, self.clock())
        await self.move(
            case,
            Happening.DECIDED,
            tasks=tasks,
            stage=RECTIFY if tasks else None,
            attention=unmarked(request, DECISION),
        )
        return not tasks

    async def apply(self, case: Case) -> bool:
        """Tell recipients once corrections are made, and end the parts, or the request, once those were told."""
        request, now = case.request.row, self.clock()
        dossier, data_map = await self.dossiers.of(request), self.maps.current()
        if request.stage != TELL:
            await self.corrections(case, dossier, data_map)
            tasks = told_tasks(TELL, data_map, case, dossier, now, self.inform_within)
            if tasks:
                await self.move(case, Happening.APPLIED, tasks=tasks, stage=TELL)
                return False
        parts = tuple(
            _ended(part, number, case, whole=_is_made(request, number, dossier, data_map))
            for number, part in enumerate(request.parts)
        )
        left = [part for part in parts if not part.state.is_final]
        if left:
            return await self._before_erasure(case, parts)
        await self.settle(case, parts)
        return False

    async def settle(self, case: Case, parts: tuple[Part, ...]) -> None:
        """End a request all of whose parts have ended, and tell its person how each did."""
        request = case.request.row
        state = outcome_of(parts)
        await self.move(case, _SETTLED[state], opens=[told_of(request)], parts=parts, stage=None)

    async def _before_erasure(self, case: Case, parts: tuple[Part, ...]) -> bool:
        """Hand over to the erasure that was asked too, which waits behind a copy where there is one."""
        request = case.request.row
        opens = [told_of(request)]
        if request.export is not None:
            await self.move(case, Happening.HANDED_ON, opens=opens, parts=parts, stage=None)
            return True
        return await self.planning.survey(case, parts=parts, opens=opens)


def is_unsettled(part: Part) -> bool:
    """Tell whether a part is neither a copy nor an erasure, and has not ended."""
    return discovered()[part.right].work not in {"copy", "erasure"} and not part.state.is_final


def outcome_of(parts: Sequence[Part]) -> State:
    """Return how a request ended, by how its parts did."""
    states = {part.state for part in parts}
    if states <= {State.COMPLETED}:
        return State.COMPLETED
    return State.REFUSED if states <= {State.REFUSED} else State.PARTIALLY_COMPLETED


def told_of(request: Request) -> SendNotice:
    """Return the notice of how a request was settled."""
    complaint = any(part.right == "complaint" for part in request.parts)
    return SendNotice(request_id=UUID(request.id), notice="complaint_answered" if complaint else "settled")


def _is_made(request: Request, number: int, dossier: Dossier, data_map: DataMap) -> bool:
    """Tell whether every correction was granted that a part asks in systems of its role: no record of what was is."""
    part = request.parts[number]
    if part.right != "rectification":
        return True
    own = {dataset.id for service, dataset in data_map.datasets() if service.role == part.role}
    wanted = {(one.dataset, one.field) for one in dossier.ask(part.right).corrections if one.dataset in own}
    values = granted_values(request, number, dossier, data_map)
    return wanted <= {(dataset, field) for dataset, fields in values.items() for field in fields}


def _ended(part: Part, number: int, case: Case, *, whole: bool) -> Part:
    """Return a part as it ended; copies and erasures end elsewhere."""
    if not is_unsettled(part):
        return part
    verdict = case.request.row.verdict(number)
    if verdict is not None and verdict.outcome in {"refused", "fee"}:
        return part.model_copy(update={"state": State.REFUSED})
    tasks: list[ServiceTask] = [one for one in case.of(Work.RECTIFY) if one.part == number]
    failed = any(one.state is TaskState.FAILED for one in tasks)
    partly = failed or not whole or (verdict is not None and verdict.outcome == "partly")
    return part.model_copy(update={"state": State.PARTIALLY_COMPLETED if partly else State.COMPLETED})
