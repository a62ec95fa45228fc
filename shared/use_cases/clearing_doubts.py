"""Let a request go on that was stopped, once two operators are sure of who asked."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.errors import Conflict
from shared.domain.request import Request, RequestId
from shared.domain.states import ANSWERED, Happening, State
from shared.messages.commands import AnyCommand
from shared.messages.inputs import ClearDoubt
from shared.ports.requests import Move, RequestStore, Versioned, Waits
from shared.ports.world import Clock, Principal
from shared.use_cases.caller import Caller
from shared.use_cases.erasure_moves import planning_of, unmarked
from shared.use_cases.moving import Mover
from shared.use_cases.pausing import AnswerClock
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.stopping_requests import STOPPED
from shared.use_cases.two_operators import PROPOSED, TwoOperators

_DECIDED = frozenset({Happening.GRANTED, Happening.INSTRUCTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearingDoubts:
    """The first operator proposes, the second agrees. The request is then planned again.

    A customer's case goes back to where it was: nobody here decides it in the customer's place. What was answered
    already stays so, and its links may be asked for again.
    """

    requests: RequestStore
    waits: Waits
    dossiers: Dossiers
    two: TwoOperators
    answer_clock: AnswerClock
    mover: Mover
    clock: Clock
    reissue_after: timedelta

    async def __call__(self, caller: Caller, request_id: RequestId, given: ClearDoubt) -> Request:
        """Return the request, proposed for or on its way.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator, or the subject.
            NotFound: there is no such request.
            Conflict: `not_stopped`.
        """

        async def decide(read: Versioned[Request]) -> Request:
            request = read.row
            dossier, seal = await self.dossiers.opened(request)
            operator = await self.two.one(caller, request, dossier)
            if STOPPED not in request.attention or request.state not in {State.DOUBTED, *ANSWERED}:
                raise Conflict("not_stopped")
            digest = self.two.digest("doubt", request.id)
            if self.two.first(request, operator, "doubt", digest) is None:
                return await self.two.propose(read, operator, "doubt", digest, seal.lock(given.reason.encode()))
            return await self._clear(read, operator)

        return await self.mover.on_newest(request_id, decide)

    async def _clear(self, read: Versioned[Request], operator: Principal) -> Request:
        request, now = read.row, self.clock()
        answered = request.state in ANSWERED
        clock = self.answer_clock.resumed(request, "identity_doubt", now)
        waits_for_customer = request.role == "processor" and not answered and not await self._is_decided(request.id)
        after, entry = request.happened(
            Happening.FORWARDED if waits_for_customer else Happening.DOUBT_CLEARED,
            now,
            actor=operator.object_id,
            about=request.proposal.by if request.proposal else "",
            proposal=None,
            attention=unmarked(request, STOPPED, PROPOSED["doubt"]),
            **clock,
        )
        planned = not answered and not waits_for_customer
        opens: list[AnyCommand] = [planning_of(after)] if planned else []
        await self.waits.add(request.id, now + self.reissue_after)
        await self.answer_clock.list_anew(request, clock)
        await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, opens=opens))
        await self.answer_clock.unlist(request, after)
        return after

    async def _is_decided(self, request_id: RequestId) -> bool:
        """Tell whether the customer had granted the case, or its terms had, before it was stopped."""
        return any(one.happening in _DECIDED for one in await self.requests.history(request_id))
