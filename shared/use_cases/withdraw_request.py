"""Withdraw a request while that still changes something."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.domain.request import Happening, Request, RequestId
from shared.messages.commands import SendNotice
from shared.ports.requests import Move, RequestStore, Versioned, Waits
from shared.ports.world import Clock
from shared.use_cases.caller import Caller
from shared.use_cases.moving import Mover
from shared.use_cases.owning import Owning


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRequestUseCase:
    """End one's own request. What was collected is deleted by the sweep, once no step can still be writing."""

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
            Conflict: it was answered or has ended.
        """

        async def decide(read: Versioned[Request]) -> Request:
            self.owning.must_own(caller, read.row)
            now = self.clock()
            after, entry = read.row.happened(Happening.WITHDRAWN, now, reason="withdrawn")
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
