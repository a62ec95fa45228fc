"""Establish who asks where neither account nor mailbox can prove it: by facts of it that two operators checked.

What counts are facts that a stranger would not know. Nobody is asked for a copy of an identity document, and there is
no place to put one.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.domain.dossier import Dossier
from shared.domain.errors import Conflict, InvalidInput, NotAllowed
from shared.domain.identity import EMAIL, OBJECT_ID, normalise
from shared.domain.request import Proposal, Request, RequestId
from shared.domain.states import Happening, State
from shared.messages.commands import SendCode
from shared.messages.inputs import VouchIdentity
from shared.ports.requests import Move, RequestStore, Subjects, Versioned, Waits
from shared.ports.world import Clock, Principal
from shared.use_cases.caller import Caller
from shared.use_cases.erasure_moves import planning_of, unmarked
from shared.use_cases.guarding_accounts import SECOND_PROOF
from shared.use_cases.moving import Mover
from shared.use_cases.pausing import AnswerClock
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.resend_code import PROOF_LAPSED, TO_ESTABLISH, without_an_end
from shared.use_cases.together import together
from shared.use_cases.two_operators import PROPOSED, TwoOperators


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    """The account that is vouched for: by its address, or by tenant and object id."""

    email: str | None = None
    tenant: str | None = None
    object_id: str | None = None

    @property
    def reference_of(self) -> tuple[str, str, str | None]:
        """What it is indexed by."""
        return (EMAIL, self.email, None) if self.email is not None else (OBJECT_ID, self.object_id or "", self.tenant)


@dataclass(frozen=True, slots=True, kw_only=True)
class VouchingIdentity:
    """The first operator proposes, the second names the same account by facts they checked themselves."""

    requests: RequestStore
    subjects: Subjects
    waits: Waits
    dossiers: Dossiers
    two: TwoOperators
    answer_clock: AnswerClock
    mover: Mover
    clock: Clock
    reissue_after: timedelta

    async def __call__(self, caller: Caller, request_id: RequestId, given: VouchIdentity) -> Request:
        """Return the request, proposed for or on its way.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator, or the subject.
            NotFound: there is no such request.
            InvalidInput: no account is named, or two are.
            Conflict: `differs_from_proposal`; `another_identity`, somebody else was proven; or it waits for no proof.
        """
        account = _account(given)

        async def decide(read: Versioned[Request]) -> Request:
            request = read.row
            dossier, seal = await self.dossiers.opened(request)
            operator = await self.two.one(caller, request, dossier)
            if (account.tenant, account.object_id) == (operator.tenant, operator.object_id):
                raise NotAllowed
            if request.state is not State.IDENTITY_PENDING:
                raise Conflict(f"not_while_{request.state.public}")
            if request.owner_ref is not None and not _is_proven(dossier, account):
                raise Conflict("another_identity")
            digest = self.two.digest(*map(str, account.reference_of))
            first = self.two.first(request, operator, "identity", digest)
            if first is None:
                return await self.two.propose(read, operator, "identity", digest, seal.lock(_told(given).encode()))
            words = f"{seal.unlock(first.words).decode()}\n{_told(given)}"
            return await self._vouch(
                read, operator, first, account, dossier.model_copy(update={"account_facts": words})
            )

        return await self.mover.on_newest(request_id, decide)

    async def _vouch(
        self, read: Versioned[Request], operator: Principal, first: Proposal, account: _Account, dossier: Dossier
    ) -> Request:
        request, now = read.row, self.clock()
        reference = request.owner_ref or self.two.references.subject(*account.reference_of)
        changes: dict[str, Any] = {}
        clock = self.answer_clock.resumed(request, "identity_doubt", now)
        if request.owner_ref is None:
            elsewhere = dossier.email if dossier.email != account.email else None
            changes = {
                "email": account.email,
                "tenant": account.tenant,
                "object_id": account.object_id,
                "contact": dossier.contact or elsewhere,
            }
        _, seal = await self.dossiers.opened(request)
        sealed = seal.lock(dossier.model_copy(update=changes).model_dump_json().encode())
        await together([self.subjects.add(reference, request.id), self.waits.add(request.id, now + self.reissue_after)])
        await self.answer_clock.list_anew(request, clock)
        after, entry = request.happened(
            Happening.IDENTITY_VOUCHED,
            now,
            actor=operator.object_id,
            about=first.by,
            owner_ref=reference,
            second_proof="given",
            proposal=None,
            dossier=sealed,
            attention=unmarked(request, PROPOSED["identity"], SECOND_PROOF, PROOF_LAPSED, TO_ESTABLISH),
            verdicts=without_an_end(request),
            **clock,
        )
        opens = [planning_of(after)]
        issue = request.verification.issue if request.verification else 0
        closes = [SendCode(request_id=UUID(request.id), issue=issue).key]
        await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, opens=opens, closes=closes))
        await self.answer_clock.unlist(request, after)
        return after


def _account(given: VouchIdentity) -> _Account:
    if given.email is not None and given.tenant is None and given.object_id is None:
        return _Account(email=normalise(EMAIL, given.email))
    if given.email is None and given.tenant is not None and given.object_id is not None:
        return _Account(tenant=normalise(OBJECT_ID, given.tenant), object_id=normalise(OBJECT_ID, given.object_id))
    raise InvalidInput("email", "either an address, or tenant and object id")


def _is_proven(dossier: Dossier, account: _Account) -> bool:
    if account.email is not None:
        return account.email == dossier.email
    return (account.tenant, account.object_id) == (dossier.tenant, dossier.object_id)


def _told(given: VouchIdentity) -> str:
    return f"{', '.join(sorted(given.facts))}: {given.note}" if given.note else ", ".join(sorted(given.facts))
