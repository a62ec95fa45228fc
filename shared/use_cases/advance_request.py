"""Take a request from one stage to the next: decisions and corrections, then an erasure's dry run, plan and waves.

One question, asked of the state alone and harmless to ask at any time: what is due now? Whoever ends a stage asks it,
and so do the person, an operator and the sweep. Copies go on by themselves, from their last task to their assembly.
"""

from dataclasses import dataclass

from shared.domain.errors import StaleState
from shared.domain.request import RequestId
from shared.domain.service_task import Work
from shared.domain.states import Happening, State
from shared.messages.commands import AdvanceRequest
from shared.ports.requests import Case, RequestStore
from shared.ports.world import Clock, Maps
from shared.use_cases.erasure_moves import ErasureMoves, ErasureRules, erasing_of, marked, plan_of, stage_of
from shared.use_cases.follow_copy import FollowCopy
from shared.use_cases.issue_certificate import IssueCertificate
from shared.use_cases.opening_stages import erasing_tasks, informing_tasks
from shared.use_cases.plan_erasure import PlanErasure
from shared.use_cases.settling_requests import DECISION, SettlingRequests, is_unsettled
from shared.use_cases.start_erasure import StartErasure
from shared.use_cases.taking_turns import TakingTurns

MOST_STEPS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceRequestUseCase:
    """Do what is due, step by step, until something has to be waited for."""

    requests: RequestStore
    maps: Maps
    follow_copy: FollowCopy
    settling: SettlingRequests
    planning: PlanErasure
    start: StartErasure
    certify: IssueCertificate
    turns: TakingTurns
    move: ErasureMoves
    clock: Clock
    rules: ErasureRules

    async def __call__(self, command: AdvanceRequest) -> None:
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
            case State.HANDED_OVER if any(is_unsettled(part) for part in request.parts):
                codes = [DECISION] if request.undecided else []
                await self.move(case, Happening.TAKEN_UP, attention=marked(request, *codes))
                return True
            case State.HANDED_OVER:
                return await self.follow_copy(case)
            case State.DECIDING:
                return await self.settling.decide(case)
            case State.APPLYING if _is_over(case):
                return await self.settling.apply(case)
            case State.SURVEYING if _is_over(case):
                return await self.planning.plan(case)
            case State.COOLING_OFF | State.APPROVAL_PENDING:
                return await self.start(case)
            case State.ERASING if _is_over(case):
                return await self._after_wave(case)
            case State.INFORMING if _is_over(case):
                await self.move(case, Happening.INFORMED, stage=None)
                return True
            case State.CERTIFYING:
                await self.certify(case)
                await self.turns.leave(request)
        return False

    async def _after_wave(self, case: Case) -> bool:
        request, now = case.request.row, self.clock()
        erasure, made = erasing_of(request), plan_of(case)
        done = -1 if request.stage is None else int(request.stage.rpartition("-")[2])
        wave = next((one for one in made.waves if one > done), None)
        if wave is not None:
            stage = stage_of(Work.ERASE, erasure.round, wave)
            tasks = erasing_tasks(stage, wave, self.maps.current(), made, now)
            await self.move(case, Happening.WAVE_ERASED, tasks=tasks, about=str(done), stage=stage)
            return not tasks
        erased = erasure.model_copy(update={"erased_at": now})
        stage = f"{Work.INFORM}{erasure.round}"
        tasks = informing_tasks(stage, case, now, self.rules.inform_within)
        if tasks:
            await self.move(case, Happening.ERASED, tasks=tasks, stage=stage, erasure=erased)
            return False
        await self.move(case, Happening.INFORMED, stage=None, erasure=erased)
        return True


def _is_over(case: Case) -> bool:
    return all(task.row.state.has_ended for task in case.stage(case.request.row.stage))
