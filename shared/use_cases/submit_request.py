"""Receive a data subject request: the clock starts here, whoever asks and however busy we are."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from shared.domain.deadline import due_at
from shared.domain.dossier import Dossier
from shared.domain.errors import AlreadyThere, IdempotencyMismatch, InvalidInput, NotSignedIn, TooMany
from shared.domain.identity import EMAIL, OBJECT_ID, normalise
from shared.domain.references import References
from shared.domain.request import Language, Part, Request, RequestId, Verification, opened
from shared.domain.states import Happening, State
from shared.messages.commands import AnyCommand, PlanRequest, SendCode
from shared.messages.inputs import SubmitRequest
from shared.ports.case_keys import CaseKeys
from shared.ports.requests import Deadlines, RequestStore, Subjects, Waits
from shared.ports.world import Clock, Limits, Maps, NewId
from shared.rights import discovered, in_lawful_order
from shared.rights.rectification import check_corrections
from shared.use_cases.caller import Caller
from shared.use_cases.moving import Mover
from shared.use_cases.together import together


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeRules:
    """The settings that intake follows."""

    answer_within: timedelta
    foreign_periods: Mapping[str, int]
    code_valid_for: timedelta
    code_tries: int
    reissue_after: timedelta
    per_network: int
    per_caller: int
    window: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One call as it came in. `body` is the raw body; `key` the Idempotency-Key header, if any."""

    submitted: SubmitRequest
    caller: Caller
    language: Language
    channel: Literal["api", "page"]
    body: bytes
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRequestUseCase:
    """Write the request, its key and its waits, and send the first command.

    The answer is the same whether or not anybody knows the address: nothing is looked up before the proof. A repeated
    Idempotency-Key derives the same id again, so that the second call finds the first one's request.
    """

    requests: RequestStore
    keys: CaseKeys
    waits: Waits
    deadlines: Deadlines
    subjects: Subjects
    limits: Limits
    references: References
    mover: Mover
    clock: Clock
    new_id: NewId
    maps: Maps
    rules: IntakeRules

    async def __call__(self, intake: Intake) -> Request:
        """Return the request as received.

        Raises:
            InvalidInput: a field cannot be accepted.
            NotSignedIn: neither an e-mail address nor a token says who asks.
            TooMany: the caller or its network floods us.
            IdempotencyMismatch: the key was used with another body.
        """
        self._admit(intake.caller)
        rights = self._rights(intake.submitted)
        dossier = self._dossier(intake)
        request_id = RequestId(str(self._id(intake)))
        request, happening, first = self._request(request_id, intake, rights, dossier)
        seal = await self.keys.create(request_id)
        request = request.model_copy(update={"dossier": seal.lock(dossier.model_dump_json().encode())})
        request, entry = opened(request, happening)
        indexes = [
            self.waits.add(request_id, request.received_at + self.rules.reissue_after),
            self.deadlines.add(request_id, request.due_at),
        ]
        if request.owner_ref:
            indexes.append(self.subjects.add(request.owner_ref, request_id))
        await together(indexes)
        try:
            await self.requests.create(request, entry, [first])
        except AlreadyThere:
            return await self._the_first_one(request)
        await self.mover.send([first])
        return request

    def _admit(self, caller: Caller) -> None:
        rules = self.rules
        wait = self.limits.admit("intake-network", caller.network, rules.per_network, rules.window)
        if wait is None and caller.principal:
            who = self.references.limit("caller", f"{caller.principal.tenant}/{caller.principal.object_id}")
            wait = self.limits.admit("intake-caller", who, rules.per_caller, rules.window)
        if wait is not None:
            raise TooMany(max(1, round(wait.total_seconds())))

    def _rights(self, submitted: SubmitRequest) -> tuple[str, ...]:
        if len(set(submitted.rights)) != len(submitted.rights):
            raise InvalidInput("rights", "repeated")
        asked_by_people = {code for code, right in discovered().items() if right.asked_by == "person"}
        if not set(submitted.rights) <= asked_by_people:
            raise InvalidInput("rights", "unknown")
        if not submitted.details.keys() <= set(submitted.rights):
            raise InvalidInput("details", "of a right that is not asked")
        asked = submitted.details.get("rectification")
        if asked is not None and asked.corrections:
            check_corrections(asked, self.maps.current(), "details.rectification.corrections")
        return in_lawful_order(submitted.rights)

    def _dossier(self, intake: Intake) -> Dossier:
        email, principal = intake.submitted.email, intake.caller.principal
        if principal is not None and principal.app is not None:
            raise NotSignedIn
        representative = intake.submitted.representative
        if representative is not None:
            # Whoever signed in is not who it is about: their own account opens nothing here.
            principal = None
            representative = representative.model_copy(update={"email": normalise(EMAIL, representative.email)})
        if email is None and principal is None:
            raise InvalidInput("email", "missing")
        return Dossier(
            email=None if email is None else normalise(EMAIL, email),
            tenant=principal.tenant if principal else None,
            object_id=principal.object_id if principal else None,
            asks=intake.submitted.details,
            representative=representative,
            child=representative is not None and representative.child,
        )

    def _id(self, intake: Intake) -> UUID:
        if intake.key is None:
            return self.new_id()
        principal = intake.caller.principal
        caller = f"{principal.tenant}/{principal.object_id}" if principal else intake.caller.network
        return self.references.idempotent_id(caller, "POST /v1/requests", intake.key)

    def _request(
        self, request_id: RequestId, intake: Intake, rights: tuple[str, ...], dossier: Dossier
    ) -> tuple[Request, Happening, AnyCommand]:
        now = self.clock()
        proven = dossier.email is None
        owner = self.references.subject(OBJECT_ID, dossier.object_id, dossier.tenant) if dossier.object_id else None
        code = Verification(issue=1, expires_at=now + self.rules.code_valid_for, tries_left=self.rules.code_tries)
        state = State.RECEIVED if proven else State.IDENTITY_PENDING
        foreign = self.rules.foreign_periods.get(intake.submitted.country or "")
        request = Request(
            id=request_id,
            state=state,
            parts=tuple(Part(right=right, state=state) for right in rights),
            language=intake.language,
            channel=intake.channel,
            signed_in=dossier.object_id is not None,
            authority=None if dossier.representative is None else "to_check",
            received_at=now,
            due_at=due_at(now, self.rules.answer_within, foreign_days=foreign),
            foreign_days=foreign,
            owner_ref=owner,
            body_hash=self.references.body_hash(intake.body),
            dossier=b"",
            verification=None if proven else code,
        )
        if proven:
            return request, Happening.SUBMITTED_SIGNED_IN, PlanRequest(request_id=UUID(request_id))
        return request, Happening.SUBMITTED, SendCode(request_id=UUID(request_id), issue=1)

    async def _the_first_one(self, repeated: Request) -> Request:
        first = (await self.requests.read(repeated.id)).row
        if not hmac.compare_digest(first.body_hash, repeated.body_hash):
            raise IdempotencyMismatch
        return first
