"""Take a code: prove an address once, in few tries, in constant time; or hear that it was somebody else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.domain.errors import CodeRejected, Conflict, Gone
from shared.domain.identity import EMAIL
from shared.domain.references import References, Session
from shared.domain.request import Request, RequestId, Verification
from shared.domain.states import Happening, State
from shared.messages.commands import PlanRequest, SendCode, SendNotice
from shared.ports.requests import Move, RequestStore, Subjects, Versioned, Waits
from shared.ports.world import Clock
from shared.use_cases.erasure_moves import marked, planning_of
from shared.use_cases.moving import Mover
from shared.use_cases.pausing import AnswerClock
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.resend_code import PROOF_LAPSED, hopeful
from shared.use_cases.together import together


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmIdentityUseCase:
    """Check a code and tell only the side that gave it. A wrong one costs a try of this request and of no other."""

    requests: RequestStore
    waits: Waits
    subjects: Subjects
    dossiers: Dossiers
    references: References
    answer_clock: AnswerClock
    mover: Mover
    clock: Clock
    session_for: timedelta
    reissue_after: timedelta

    async def __call__(self, request_id: RequestId, code: str) -> tuple[str, Session]:
        """Return a bearer token for this request and what it stands for.

        After a second proof it is over already: that address confirms what another one asked, and opens nothing.

        Raises:
            NotFound: there is no such request.
            CodeRejected: the code does not match.
            Gone: `code_expired`, `code_used` or `tries_spent`; a new code helps.
            Conflict: the request asks for no code.
        """

        async def decide(read: Versioned[Request]) -> Session:
            await self._must_match(read, code)
            request, now = read.row, self.clock()
            if request.state is State.IDENTITY_PENDING and request.second_proof == "asked":
                await self._prove_again(read, now)
                return Session(request_id=request_id, proven_at=now, expires_at=now)
            await self._prove(read, now)
            return Session(request_id=request_id, proven_at=now, expires_at=now + self.session_for)

        session = await self.mover.on_newest(request_id, decide)
        return self.references.session_token(session), session

    async def disown(self, request_id: RequestId, code: str) -> None:
        """End a request on the word of the address's holder that it was not theirs.

        Raises:
            NotFound, CodeRejected, Gone: as for confirming.
            Conflict: it is past the point where this makes sense.
        """

        async def decide(read: Versioned[Request]) -> None:
            verification = await self._must_match(read, code)
            used = verification.model_copy(update={"used": True})
            after, entry = read.row.happened(Happening.DISOWNED, self.clock(), verification=used, reason="disowned")
            closes = [SendCode(request_id=UUID(request_id), issue=verification.issue).key]
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, closes=closes))

        await self.mover.on_newest(request_id, decide)

    async def _must_match(self, read: Versioned[Request], code: str) -> Verification:
        verification = read.row.verification
        if verification is None:
            raise Conflict("no_code_asked")
        if read.row.state in {State.REFUSED, State.WITHDRAWN}:
            raise Gone("ended")
        if verification.used:
            raise Gone("code_used")
        if verification.tries_left <= 0:
            raise Gone("tries_spent")
        if verification.expires_at is None or verification.expires_at <= self.clock():
            raise Gone("code_expired")
        if not self.references.is_code(read.row.id, verification.issue, code):
            await self._count_a_try(read, verification)
        return verification

    async def _count_a_try(self, read: Versioned[Request], verification: Verification) -> None:
        request, now = read.row, self.clock()
        left = verification.tries_left - 1
        tried, attention = verification.model_copy(update={"tries_left": left}), request.attention
        opens = []
        happening = Happening.CODE_REJECTED
        if left == 0 and request.state is State.IDENTITY_PENDING:
            happening = Happening.PROOF_FAILED
            attention = marked(request, PROOF_LAPSED)
            notice = SendNotice(
                request_id=UUID(request.id), notice="identity_not_established", number=verification.issue
            )
            opens = [notice] if request.tells_its_end else []
        after, entry = request.happened(happening, now, verification=tried, attention=attention)
        if opens:
            await self.waits.add(request.id, now + self.reissue_after)
        # The try is counted before the answer is given: guesses in parallel each win a write or wait their turn.
        await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, opens=opens))
        raise CodeRejected(left)

    async def _prove(self, read: Versioned[Request], now: datetime) -> None:
        request = read.row
        verification = request.verification or Verification()
        proven = verification.model_copy(update={"used": True, "proven_at": now})
        closes = [SendCode(request_id=UUID(request.id), issue=verification.issue).key]
        if request.state is not State.IDENTITY_PENDING:
            after, entry = request.happened(Happening.PROOF_RENEWED, now, verification=proven)
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, closes=closes))
            return
        dossier = await self.dossiers.of(request)
        reference = self.references.subject(EMAIL, dossier.email or "", None)
        await together([self.subjects.add(reference, request.id), self.waits.add(request.id, now + self.reissue_after)])
        after, entry = request.happened(
            Happening.IDENTITY_PROVEN,
            now,
            verification=proven,
            owner_ref=request.owner_ref or reference,
            **hopeful(request),
        )
        opens = [PlanRequest(request_id=UUID(request.id))]
        await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, opens=opens, closes=closes))

    async def _prove_again(self, read: Versioned[Request], now: datetime) -> None:
        """Take a second proof, which names nobody: the request goes on, and stays whose it was.

        Who signed in and gave no address goes on being asked for none.
        """
        request = read.row
        verification = request.verification or Verification()
        dossier = await self.dossiers.of(request)
        if dossier.second_address is None:
            raise Conflict("no_code_asked")
        proven = verification.model_copy(update={"used": True, "proven_at": now})
        changes = self.answer_clock.resumed(request, "identity_doubt", now)
        after, entry = request.happened(
            Happening.IDENTITY_PROVEN,
            now,
            verification=proven if dossier.contact or dossier.email else None,
            second_proof="given",
            **hopeful(request),
            **changes,
        )
        await self.waits.add(request.id, now + self.reissue_after)
        await self.answer_clock.list_anew(request, changes)
        opens = [planning_of(after)]
        closes = [SendCode(request_id=UUID(request.id), issue=verification.issue).key]
        await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, opens=opens, closes=closes))
        await self.answer_clock.unlist(request, after)
