"""Four eyes: two natural persons who agree on the same, neither of them the subject."""

from dataclasses import dataclass
from typing import Literal

from shared.domain.dossier import Dossier
from shared.domain.errors import Conflict
from shared.domain.references import References
from shared.domain.request import Proposal, Request
from shared.domain.states import Happening
from shared.ports.requests import Move, Versioned
from shared.ports.world import Clock, Principal
from shared.use_cases.caller import Caller, require_operator
from shared.use_cases.erasure_moves import marked
from shared.use_cases.moving import Mover
from shared.use_cases.uninvolved import Uninvolved

PROPOSED = {"identity": "identity_proposed", "doubt": "clearing_proposed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoOperators:
    """Tells the first from the second. Both are asked who they are when they speak, not before."""

    uninvolved: Uninvolved
    references: References
    mover: Mover
    clock: Clock
    home_tenant: str

    async def one(self, caller: Caller, request: Request, dossier: Dossier) -> Principal:
        """Return the operator who is asking.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator, the subject, or had a part in what is complained of.
        """
        operator = require_operator(caller, self.home_tenant)
        await self.uninvolved.must_be(operator, request, dossier)
        return operator

    def digest(self, *told: str) -> str:
        """Return what stands for the matter that two have to agree on."""
        return self.references.body_hash("\n".join(told).encode())

    @staticmethod
    def first(request: Request, operator: Principal, kind: str, digest: str) -> Proposal | None:
        """Return what another operator proposed and this one agrees to; None where this one is the first.

        Raises:
            Conflict: `differs_from_proposal`, the other one proposed something else.
        """
        proposal = request.proposal
        if proposal is None or proposal.kind != kind or proposal.by == operator.object_id:
            return None
        if proposal.digest != digest:
            raise Conflict("differs_from_proposal")
        return proposal

    async def propose(
        self,
        read: Versioned[Request],
        operator: Principal,
        kind: Literal["identity", "doubt"],
        digest: str,
        words: bytes,
    ) -> Request:
        """Record a first one's proposal, its words sealed; it takes the place of an earlier one of their own."""
        proposal = Proposal(kind=kind, by=operator.object_id, at=self.clock(), digest=digest, words=words)
        after, entry = read.row.happened(
            Happening.VERDICT_PROPOSED,
            self.clock(),
            actor=operator.object_id,
            about=kind,
            proposal=proposal,
            attention=marked(read.row, PROPOSED[kind]),
        )
        await self.mover.commit(Move(etag=read.etag, request=after, entry=entry))
        return after
