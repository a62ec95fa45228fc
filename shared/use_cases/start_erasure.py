"""Start an erasure: once its time to think is over, its plan approved, and nothing stands against it."""

import logging
from dataclasses import dataclass

from shared.domain.erasure import drift
from shared.domain.request import Request
from shared.domain.service_task import Work
from shared.domain.states import Happening, State
from shared.ports.erasing import Brakes, Holds
from shared.ports.requests import Case
from shared.ports.world import Clock, Maps
from shared.use_cases.erasure_moves import (
    ErasureMoves,
    ErasureRules,
    erasing_of,
    marked,
    plan_of,
    stage_of,
    unmarked,
)
from shared.use_cases.halt_erasure import HaltErasure
from shared.use_cases.holding import held_of
from shared.use_cases.opening_stages import erasing_tasks
from shared.use_cases.plan_erasure import APPROVAL, BRAKED
from shared.use_cases.taking_turns import TakingTurns

log = logging.getLogger(__name__)

OWN = "own"  # the brake on erasures for people whom no tenant knows


@dataclass(frozen=True, slots=True, kw_only=True)
class StartErasure:
    """Asks the clock, the operator, the map, the holds, the person's other requests and the brakes, in this order."""

    maps: Maps
    holds: Holds
    brakes: Brakes
    turns: TakingTurns
    halt: HaltErasure
    move: ErasureMoves
    clock: Clock
    rules: ErasureRules

    async def __call__(self, case: Case) -> bool:
        """Start if nothing stands against it; tell whether another step may be due at once."""
        request, now = case.request.row, self.clock()
        erasure, made = erasing_of(request), plan_of(case)
        if erasure.cooling_off_until is None or now < erasure.cooling_off_until:
            return False
        asks = self.rules.approval == "operator" or erasure.round > 1
        if asks and erasure.approved_hash != made.hash:
            if request.state is State.COOLING_OFF:
                await self.move(case, Happening.COOLED_OFF, attention=marked(request, APPROVAL))
            return False
        data_map, held = self.maps.current(), await held_of(request, self.holds)
        for one in made.decisions:
            code = drift(data_map.service(one.service), one, held=(one.part, one.dataset) in held)
            if code is not None:
                await self.halt.case(case, code, one.dataset)
                return False
        if not await self.turns.is_next(request):
            return False
        if erasure.started_at is None and not await self._may_start(request):
            if BRAKED not in request.attention:
                await self.move(case, Happening.BRAKED, attention=marked(request, BRAKED))
            return False
        started = erasure.model_copy(update={"started_at": erasure.started_at or now})
        wave = next(iter(made.waves), None)
        stage = None if wave is None else stage_of(Work.ERASE, erasure.round, wave)
        tasks = [] if wave is None or stage is None else erasing_tasks(stage, wave, data_map, made, now)
        await self.move(
            case,
            Happening.ERASURE_STARTED,
            tasks=tasks,
            about=made.hash,
            stage=stage,
            erasure=started,
            attention=unmarked(request, APPROVAL, BRAKED),
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
