"""Withdraw a request while that still changes something."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.domain.errors import Conflict
from shared.domain.request import Entry, Request, RequestId
from shared.domain.states import ERASURE_AHEAD, Happening, State
from shared.messages.commands import SendNotice
from shared.ports.requests import Move, RequestStore, Versioned, Waits
from shared.ports.world import Clock
from shared.use_cases.asked import COPIES
from shared.use_cases.caller import Caller
from shared.use_cases.moving import Mover
from shared.use_cases.owning import Owning


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRequestUseCase:
    """End one's own request. What was collected is deleted by the sweep, once no step can still be writing.

    Where a copy was handed over before, it stays: only the erasure behind it is withdrawn.
    """

    requests: RequestStore
    owning: Owning
    waits: Waits
    mover: Mover
    clock: Clock
    tidy_after: timedelta

    async def __call__(self, caller: Caller, request_id: RequestId) -> Request:
        """Return the withdrawn request.

        Raises:
            NotSignedIn, NotFound: as for looking at it.
            Conflict: it was answered or has ended, or its erasure has begun.
        """

        async def decide(read: Versioned[Request]) -> Request:
            self.owning.must_own(caller, read.row)
            after, entry = _withdrawn(read.row, self.clock())
            case = await self.requests.load(request_id)
            notice = SendNotice(request_id=UUID(request_id), notice="withdrawn")
            opens = [notice] if read.row.tells_its_end else []
            await self.mover.commit(
                Move(etag=read.etag, request=after, entry=entry, opens=opens, closes=list(case.open))
            )
            return after

        await self.owning.case(caller, request_id)
        await self.waits.add(request_id, self.clock() + self.tidy_after)
        return await self.mover.on_newest(request_id, decide)


def _withdrawn(request: Request, now: datetime) -> tuple[Request, Entry]:
    if request.erasure is not None and request.erasure.started_at is not None:
        raise Conflict("erasure_has_begun")
    copied = [part.state for part in request.parts if part.right in COPIES and part.state.is_final]
    if request.state not in ERASURE_AHEAD or not copied:
        return request.happened(Happening.WITHDRAWN, now, reason="withdrawn", stage=None)
    parts = tuple(
        part if part.state.is_final else part.model_copy(update={"state": State.WITHDRAWN}) for part in request.parts
    )
    whole = all(state is State.COMPLETED for state in copied)
    happening = Happening.ERASURE_WITHDRAWN if whole else Happening.ERASURE_WITHDRAWN_PARTIAL
    return request.happened(happening, now, parts=parts, reason="erasure_withdrawn", stage=None)
