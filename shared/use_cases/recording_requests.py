"""Record a request that came in by e-mail, letter, telephone, a ticket, or from an authority; its clock runs."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.domain.dossier import Dossier, Recorded
from shared.domain.errors import AlreadyThere, IdempotencyMismatch, InvalidInput
from shared.domain.identity import EMAIL, normalise
from shared.domain.references import References
from shared.domain.request import Part, Request, RequestId, Verification, opened
from shared.domain.states import Happening, State
from shared.messages.commands import AnyCommand, PlanRequest, SendCode
from shared.messages.decision_inputs import RecordRequest
from shared.ports.case_keys import CaseKeys
from shared.ports.requests import Deadlines, RequestStore, Waits
from shared.ports.world import Clock, Maps, NewId
from shared.rights import discovered, in_lawful_order
from shared.rights.rectification import check_corrections
from shared.use_cases.caller import Caller, require_operator
from shared.use_cases.moving import Mover
from shared.use_cases.pausing import AnswerClock
from shared.use_cases.resend_code import TO_ESTABLISH
from shared.use_cases.together import together

_INQUIRY = "inquiry"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRequests:
    """Proves nothing by itself: whoever asked is sent a code, or established by two operators where none is mailed.

    An authority's inquiry needs no such proof, for it is answered to the authority. A repeated Idempotency-Key of the
    same operator finds the first call's request.
    """

    requests: RequestStore
    keys: CaseKeys
    waits: Waits
    deadlines: Deadlines
    references: References
    answer_clock: AnswerClock
    maps: Maps
    mover: Mover
    clock: Clock
    new_id: NewId
    code_valid_for: timedelta
    code_tries: int
    reissue_after: timedelta
    foreign_periods: Mapping[str, int]
    home_tenant: str

    async def __call__(self, caller: Caller, given: RecordRequest, body: bytes, key: str | None = None) -> Request:
        """Return the request, due by its true receipt.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator.
            InvalidInput: a right is unknown or repeated, or an inquiry does not stand alone; received in the future; a
                correction of what the map does not name.
            IdempotencyMismatch: the key was used with another body.
        """
        operator = require_operator(caller, self.home_tenant)
        _must_be_possible(given)
        asked = given.details.get("rectification")
        if asked is not None and asked.corrections:
            check_corrections(asked, self.maps.current(), "details.rectification.corrections")
        now = self.clock()
        if given.received_at > now:
            raise InvalidInput("receivedAt", "in the future")
        request_id = RequestId(
            str(
                self.new_id()
                if key is None
                else self.references.idempotent_id(operator.object_id, "POST /v1/ops/requests", key)
            )
        )
        dossier = _dossier(given)
        request, happening, first = self._request(request_id, given, dossier, body, operator.object_id)
        seal = await self.keys.create(request_id)
        request = request.model_copy(update={"dossier": seal.lock(dossier.model_dump_json().encode())})
        request, entry = opened(request, happening, at=now, actor=operator.object_id)
        await together(
            [
                self.waits.add(request_id, now + self.reissue_after),
                self.deadlines.add(request_id, request.due_at),
            ]
        )
        try:
            await self.requests.create(request, entry, first)
        except AlreadyThere:
            return await self._the_first_one(request)
        await self.mover.send(first)
        return request

    def _request(
        self, request_id: RequestId, given: RecordRequest, dossier: Dossier, body: bytes, operator: str
    ) -> tuple[Request, Happening, list[AnyCommand]]:
        now, inquiry = self.clock(), _INQUIRY in given.rights
        state = State.RECEIVED if inquiry else State.IDENTITY_PENDING
        coded = dossier.email is not None and not inquiry
        more: dict[str, Any] = {}
        if coded:
            until = now + self.code_valid_for
            more["verification"] = Verification(issue=1, expires_at=until, tries_left=self.code_tries)
        elif not inquiry:
            more["attention"] = (TO_ESTABLISH,)
        request = Request(
            id=request_id,
            state=state,
            parts=tuple(Part(right=right, state=state) for right in in_lawful_order(given.rights)),
            language=given.language,
            channel=given.channel,
            signed_in=False,
            received_at=given.received_at,
            due_at=given.received_at,
            foreign_days=self.foreign_periods.get(given.country or ""),
            recorded_by=operator,
            recorded_at=now,
            body_hash=self.references.body_hash(body),
            dossier=b"",
            **more,
        )
        request = request.model_copy(update={"due_at": self.answer_clock.due(request)})
        if inquiry:
            return request, Happening.INQUIRED, [PlanRequest(request_id=UUID(request_id))]
        return request, Happening.RECORDED, [SendCode(request_id=UUID(request_id), issue=1)] if coded else []

    async def _the_first_one(self, repeated: Request) -> Request:
        first = (await self.requests.read(repeated.id)).row
        if not hmac.compare_digest(first.body_hash, repeated.body_hash):
            raise IdempotencyMismatch
        return first


def _must_be_possible(given: RecordRequest) -> None:
    if len(set(given.rights)) != len(given.rights):
        raise InvalidInput("rights", "repeated")
    if not set(given.rights) <= discovered().keys():
        raise InvalidInput("rights", "unknown")
    if _INQUIRY in given.rights and len(given.rights) > 1:
        raise InvalidInput("rights", "an inquiry stands alone")
    if not given.details.keys() <= set(given.rights):
        raise InvalidInput("details", "of a right that is not asked")
    if (given.tenant is None) is not (given.object_id is None):
        raise InvalidInput("objectId", "an account is a tenant and an object id")


def _dossier(given: RecordRequest) -> Dossier:
    return Dossier(
        email=None if given.email is None else normalise(EMAIL, given.email),
        people=((),) if _INQUIRY in given.rights else (),
        asks=given.details,
        recorded=Recorded(evidence=given.evidence, tenant=given.tenant, object_id=given.object_id),
    )
