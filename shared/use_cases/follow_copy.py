"""What an erasure waits for behind a copy: that it was fetched, waived, or left in spite of a reminder."""

from dataclasses import dataclass
from uuid import UUID

from shared.domain.states import Happening, State
from shared.messages.commands import SendNotice
from shared.ports.requests import Case, Waits
from shared.ports.world import Clock
from shared.use_cases.asked import is_copy_whole
from shared.use_cases.erasure_moves import ErasureMoves, ErasureRules, erasing_of
from shared.use_cases.plan_erasure import PlanErasure


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowCopy:
    """Begins the erasure when its time has come. A copy that is not whole stops it until the person says otherwise."""

    planning: PlanErasure
    waits: Waits
    move: ErasureMoves
    clock: Clock
    rules: ErasureRules

    async def __call__(self, case: Case) -> bool:
        """Begin, remind, or stop, if one of these is due; tell whether another step may be due at once."""
        request, now = case.request.row, self.clock()
        erasure = erasing_of(request)
        whole = is_copy_whole(request)
        fetched = request.export is not None and request.export.downloads > 0
        if erasure.waived_at is not None or (whole and fetched):
            return await self.planning.survey(case)
        if not whole:
            if now >= request.due_at - self.rules.reserve:
                await self._stop(case)
            return False
        if erasure.reminded_at is None and now >= self.rules.reminds_at(request):
            reminded = erasure.model_copy(update={"reminded_at": now})
            await self.waits.add(request.id, self.rules.starts_at(request))
            notice = SendNotice(request_id=UUID(request.id), notice="reminder")
            await self.move(case, Happening.REMINDED, opens=[notice], erasure=reminded)
            return False
        if erasure.reminded_at is not None and now >= self.rules.starts_at(request):
            return await self.planning.survey(case)
        return False

    async def _stop(self, case: Case) -> None:
        """End the erasure unmade: a copy that could not be made whole may not be followed by deletion unasked."""
        request = case.request.row
        parts = tuple(
            part if part.state.is_final else part.model_copy(update={"state": State.REFUSED}) for part in request.parts
        )
        notice = SendNotice(request_id=UUID(request.id), notice="erasure_stopped")
        await self.move(case, Happening.ERASURE_STOPPED, opens=[notice], parts=parts, reason="copy_incomplete")
