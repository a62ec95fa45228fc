"""What a person sees and decides of their own erasure: its plan, and that it need not wait for their copy."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.erasure import ErasurePlan
from shared.domain.errors import Conflict
from shared.domain.request import Request, RequestId
from shared.domain.states import Happening, State
from shared.ports.requests import Move, Versioned
from shared.ports.world import Clock
from shared.use_cases.caller import Caller
from shared.use_cases.erasure_moves import nudge
from shared.use_cases.moving import Mover
from shared.use_cases.owning import Owning


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnErasure:
    """For the person alone, by the same proof as their copy would need."""

    owning: Owning
    mover: Mover
    clock: Clock
    fresh_proof_for: timedelta

    async def plan(self, caller: Caller, request_id: RequestId) -> tuple[Request, ErasurePlan]:
        """Return the plan as it was made, with its request.

        Raises:
            NotSignedIn, NotFound: as for looking at the request.
            ProofNeeded: a sign-in or a fresh code is asked: the plan tells what is held where.
            Conflict: `no_plan`, not yet or never.
        """
        case = await self.owning.case(caller, request_id)
        self.owning.must_be_fresh(caller, self.fresh_proof_for.total_seconds())
        if case.plan is None:
            raise Conflict("no_plan")
        return case.request.row, case.plan

    async def waive_copy(self, caller: Caller, request_id: RequestId) -> Request:
        """Let the erasure begin whatever became of the copy before it. Again is no error.

        Raises:
            NotSignedIn, NotFound: as for looking at the request.
            ProofNeeded: a sign-in or a fresh code is asked.
            Conflict: no erasure waits behind a copy.
        """
        await self.owning.case(caller, request_id)

        async def decide(read: Versioned[Request]) -> Request:
            self.owning.must_own(caller, read.row)
            self.owning.must_be_fresh(caller, self.fresh_proof_for.total_seconds())
            request = read.row
            if request.erasure is None or request.state is not State.HANDED_OVER:
                raise Conflict("nothing_waits")
            if request.erasure.waived_at is not None:
                return request
            waived = request.erasure.model_copy(update={"waived_at": self.clock()})
            after, entry = request.happened(Happening.WAIVED, self.clock(), erasure=waived)
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry))
            return after

        after = await self.mover.on_newest(request_id, decide)
        await self.mover.send([nudge(after)])
        return after
