"""End requests that nobody proved to be theirs: a decision by two people, for many at once (GDPR Art. 11(2), 12(2))."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.errors import NotFound
from shared.domain.request import Request, RequestId
from shared.domain.states import Happening, State
from shared.domain.verdict import Verdict
from shared.ports.requests import Move, RequestStore, Versioned, Waits
from shared.ports.world import Clock, Principal
from shared.use_cases.caller import Caller, require_operator
from shared.use_cases.erasure_moves import marked, unmarked
from shared.use_cases.moving import Mover
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.resend_code import IDENTITY_NOT_ESTABLISHED, PROOF_LAPSED, PROPOSED
from shared.use_cases.together import together
from shared.use_cases.uninvolved import Uninvolved

_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingUnproven:
    """The person was told before that a proof is missing, and may still ask for a new code after the end."""

    requests: RequestStore
    waits: Waits
    dossiers: Dossiers
    uninvolved: Uninvolved
    mover: Mover
    clock: Clock
    home_tenant: str

    async def __call__(self, caller: Caller, ids: Sequence[str], *, confirm: bool) -> dict[str, str]:
        """Return by id what became of each: `proposed`, `ended`, or why nothing did; all of it can be repeated.

        Why nothing did: `not_found`, `not_lapsed` (proven by now, ended, or still within its time), `not_proposed`,
        `own_proposal` or `not_allowed`.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator.
        """
        operator = require_operator(caller, self.home_tenant)
        unlike = list(dict.fromkeys(ids))
        ended = await together([self._one(operator, RequestId(one), confirm=confirm) for one in unlike], _AT_ONCE)
        return dict(zip(unlike, ended, strict=True))

    async def _one(self, operator: Principal, request_id: RequestId, *, confirm: bool) -> str:
        async def decide(read: Versioned[Request]) -> str:
            request = read.row
            proposal = next((one for one in request.verdicts if one.part is None and one.given_at is None), None)
            if request.state is State.REFUSED and request.reason == IDENTITY_NOT_ESTABLISHED:
                return "ended"
            if request.state is not State.IDENTITY_PENDING or PROOF_LAPSED not in request.attention:
                return "not_lapsed"
            if self.uninvolved.is_subject(operator, request, await self.dossiers.of(request)):
                return "not_allowed"
            if proposal is None:
                return "not_proposed" if confirm else await self._propose(read, operator)
            if not confirm:
                return "proposed"
            if proposal.proposed_by == operator.object_id:
                return "own_proposal"
            return await self._end(read, proposal, operator)

        try:
            return await self.mover.on_newest(request_id, decide)
        except NotFound:
            return "not_found"

    async def _propose(self, read: Versioned[Request], operator: Principal) -> str:
        request, now = read.row, self.clock()
        verdict = Verdict(
            part=None,
            outcome="refused",
            ground="identity_not_established",
            proposed_by=operator.object_id,
            proposed_at=now,
        )
        after, entry = request.happened(
            Happening.VERDICT_PROPOSED,
            now,
            actor=operator.object_id,
            about=verdict.hash,
            verdicts=(*request.verdicts, verdict),
            attention=marked(request, PROPOSED),
        )
        await self.mover.commit(Move(etag=read.etag, request=after, entry=entry))
        return "proposed"

    async def _end(self, read: Versioned[Request], proposal: Verdict, operator: Principal) -> str:
        request, now = read.row, self.clock()
        given = proposal.model_copy(update={"confirmed_by": operator.object_id, "given_at": now})
        after, entry = request.happened(
            Happening.ENDED_UNPROVEN,
            now,
            actor=operator.object_id,
            about=given.hash,
            verdicts=tuple(given if one is proposal else one for one in request.verdicts),
            attention=unmarked(request, PROPOSED, PROOF_LAPSED),
            reason=IDENTITY_NOT_ESTABLISHED,
        )
        case = await self.requests.load(request.id)
        await self.waits.add(request.id, now)
        await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, closes=list(case.open)))
        return "ended"
