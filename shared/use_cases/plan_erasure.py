"""Look what every service holds, and make the plan of an erasure from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.domain.erasure import Found, plan
from shared.domain.request import Erasing, Part
from shared.domain.service_task import TaskState, Work
from shared.domain.states import Happening
from shared.messages.commands import SendNotice
from shared.ports.erasing import Holds
from shared.ports.requests import Case, RequestStore, Waits
from shared.ports.world import Clock, Maps
from shared.use_cases.erasure_moves import ErasureMoves, ErasureRules, erasing_of, marked, nudge, unmarked
from shared.use_cases.halted_rounds import accounted
from shared.use_cases.holding import held_of
from shared.use_cases.opening_stages import searching_tasks
from shared.use_cases.reading_dossiers import Dossiers

APPROVAL = "approval_pending"
BRAKED = "braked"
SURVEY_INCOMPLETE = "survey_incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanErasure:
    """Dry run and plan. Nothing is touched before both are on record."""

    requests: RequestStore
    dossiers: Dossiers
    maps: Maps
    holds: Holds
    waits: Waits
    move: ErasureMoves
    clock: Clock
    rules: ErasureRules

    async def survey(
        self,
        case: Case,
        *,
        anew: bool = False,
        actor: str = "",
        parts: tuple[Part, ...] | None = None,
        opens: Sequence[SendNotice] = (),
    ) -> bool:
        """Begin a dry run of every service; `anew` makes it another round, whose plan an operator has to approve.

        `parts` are the request's as they are now, where the step before ended some; `opens` is what to tell of it.
        """
        request, data_map, now = case.request.row, self.maps.current(), self.clock()
        erasure = erasing_of(request)
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
        parts = request.parts if parts is None else parts
        tasks = searching_tasks(Work.SURVEY, stage, data_map, parts, dossier, now)
        await self.move(
            case,
            Happening.SURVEY_STARTED,
            tasks=tasks,
            opens=opens,
            actor=actor,
            parts=parts,
            stage=stage if tasks else None,
            map_version=data_map.version,
            erasure=erasure,
            attention=unmarked(request, APPROVAL, BRAKED, *halted) if anew else request.attention,
        )
        return not tasks

    async def plan(self, case: Case) -> bool:
        """Make the plan once every service has looked; tell whether the erasure may start at once.

        Where the map changed meanwhile, every service looks anew.
        """
        request, data_map, now = case.request.row, self.maps.current(), self.clock()
        erasure = erasing_of(request)
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
        made = plan(data_map, found, await held_of(request, self.holds), now)
        until = now + self.rules.cooling_off if first else now
        planned = erasure.model_copy(update={"plan_hash": made.hash, "cooling_off_until": until})
        waits = first and bool(self.rules.cooling_off)
        if waits:
            await self.waits.add(request.id, until)
        notice = SendNotice(request_id=UUID(request.id), notice="planned", number=erasure.round)
        after = await self.move(
            case,
            Happening.PLAN_MADE if first else Happening.PLAN_REMADE,
            plan=made,
            opens=[notice] if waits else [],
            about=made.hash,
            stage=None,
            erasure=planned,
            attention=marked(request, *marks),
        )
        if waits:
            await self.move.mover.send([nudge(after)], self.rules.cooling_off)
        return first and not waits


def _survey_of(case: Case, number: int) -> str:
    """Name the stage of a dry run; one that begins again within its round gets a name, and so tasks, of its own."""
    name = f"{Work.SURVEY}{number}"
    before = {task.stage for task in case.of(Work.SURVEY) if task.stage.partition("-")[0] == name}
    return f"{name}-{len(before)}" if before else name
