"""Stop an erasure for a person to look: what there is no longer fits its plan."""

import logging
from dataclasses import dataclass

from shared.domain.errors import StaleState
from shared.domain.request import RequestId
from shared.domain.states import Happening, State
from shared.ports.requests import Case, RequestStore
from shared.use_cases.erasure_moves import ErasureMoves, erasing_of, marked
from shared.use_cases.moving import RETRIES
from shared.use_cases.taking_turns import TakingTurns

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltErasure:
    """Halts, and gives the person's turn back: an operator decides how it goes on."""

    requests: RequestStore
    turns: TakingTurns
    move: ErasureMoves

    async def __call__(self, request_id: RequestId, code: str, dataset: str) -> None:
        """Halt an erasure that is running, on word of a service's task; one that is not is left as it is."""
        for _ in range(RETRIES):
            case = await self.requests.load(request_id)
            if case.request.row.state is not State.ERASING:
                return
            try:
                await self.case(case, code, dataset)
            except StaleState:
                continue
            return
        raise StaleState(request_id)

    async def case(self, case: Case, code: str, dataset: str) -> None:
        """Halt an erasure as it was read."""
        request = case.request.row
        erasure = erasing_of(request).model_copy(update={"halted": (f"drift_{code}",)})
        log.error("erasure halted request_id=%s code=%s dataset=%s", request.id, code, dataset)
        attention = marked(request, f"drift_{code}")
        await self.move(case, Happening.HALTED, about=dataset, stage=None, erasure=erasure, attention=attention)
        await self.turns.leave(request)
