"""Issue a new code, which voids the one before; a request that lapsed or ended for lack of proof is open again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.domain.errors import Conflict
from shared.domain.request import Request, RequestId, Verification
from shared.domain.states import Happening, State
from shared.domain.verdict import Verdict
from shared.messages.commands import SendCode
from shared.ports.requests import Move, RequestStore, Versioned, Waits
from shared.ports.world import Clock
from shared.use_cases.erasure_moves import unmarked
from shared.use_cases.guarding_accounts import SECOND_PROOF
from shared.use_cases.moving import Mover

IDENTITY_NOT_ESTABLISHED = "identity_not_established"
PROOF_LAPSED, PROPOSED = "proof_lapsed", "verdict_proposed"
TO_ESTABLISH = "identity_to_establish"  # no address is known that a code could be mailed to


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendCodeUseCase:
    """Open a new issue. Anybody who knows the request's id may ask; only the address hears of it."""

    requests: RequestStore
    waits: Waits
    mover: Mover
    clock: Clock
    code_valid_for: timedelta
    code_tries: int
    codes_per_request: int
    reissue_after: timedelta

    async def __call__(self, request_id: RequestId) -> Request:
        """Return the request with its new issue.

        Raises:
            NotFound: there is no such request.
            Conflict: `no_address`, `second_proof_impossible`, `codes_spent`, or its state does not allow it.
        """
        return await self.mover.on_newest(request_id, self._reissue)

    async def _reissue(self, read: Versioned[Request]) -> Request:
        request, now = read.row, self.clock()
        before = request.verification
        if before is None or request.traces_gone_at is not None:
            raise Conflict("no_address")
        if request.state is State.IDENTITY_PENDING and SECOND_PROOF in request.attention:
            raise Conflict(SECOND_PROOF)
        if before.issue >= self.codes_per_request:
            raise Conflict("codes_spent")
        if request.state is State.REFUSED and request.reason != IDENTITY_NOT_ESTABLISHED:
            raise Conflict("refused")
        verification = Verification(
            issue=before.issue + 1,
            expires_at=now + self.code_valid_for,
            tries_left=self.code_tries,
            proven_at=before.proven_at,
        )
        after, entry = request.happened(
            Happening.CODE_ISSUED, now, verification=verification, reason=None, **hopeful(request)
        )
        command = SendCode(request_id=UUID(request.id), issue=verification.issue)
        overtaken = SendCode(request_id=UUID(request.id), issue=before.issue).key
        await self.waits.add(request.id, now + self.reissue_after)
        await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, opens=[command], closes=[overtaken]))
        return after


def hopeful(request: Request) -> dict[str, Any]:
    """Return what changes in a request that may be proven again: nobody is to end it for lack of a proof."""
    if request.state not in {State.IDENTITY_PENDING, State.REFUSED}:
        return {}
    return {"verdicts": without_an_end(request), "attention": unmarked(request, PROOF_LAPSED, PROPOSED)}


def without_an_end(request: Request) -> tuple[Verdict, ...]:
    """Return the decisions on a request but for one to end it for lack of a proof."""
    return tuple(one for one in request.verdicts if one.ground != IDENTITY_NOT_ESTABLISHED)
