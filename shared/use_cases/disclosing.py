"""An administrator receives a user's data where the terms let us hand it over; the user can see that it happened."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.domain.deadline import due_at
from shared.domain.dossier import SEARCHED, Comment, Dossier
from shared.domain.errors import Conflict, NotAllowed, NotFound
from shared.domain.identity import OBJECT_ID, Identifier, Standing
from shared.domain.references import References
from shared.domain.request import Part, Request, RequestId, opened
from shared.domain.states import Happening, State
from shared.domain.verdict import Verdict
from shared.messages.commands import PlanRequest
from shared.messages.tenant_inputs import Disclose
from shared.ports.case_keys import CaseKeys
from shared.ports.requests import Deadlines, RequestStore, Subjects, Waits
from shared.ports.tenants import TenantCases
from shared.ports.world import Clock, Maps, NewId
from shared.use_cases.acting_for_tenants import Acting, ActingForTenants
from shared.use_cases.caller import ADMINISTRATOR, Caller
from shared.use_cases.moving import Mover
from shared.use_cases.resolve_identity import ResolveIdentity
from shared.use_cases.together import together

_BY_ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosing:
    """Makes a copy of what Spinpanel holds of a user as the customer's processor: a case of the user's own record."""

    acting: ActingForTenants
    requests: RequestStore
    keys: CaseKeys
    waits: Waits
    deadlines: Deadlines
    subjects: Subjects
    cases: TenantCases
    references: References
    resolve: ResolveIdentity
    maps: Maps
    mover: Mover
    clock: Clock
    new_id: NewId
    answer_within: timedelta
    reissue_after: timedelta

    async def __call__(self, caller: Caller, tenant_id: str, given: Disclose) -> Request:
        """Open the case; its package goes to the administrator who asked, and to nobody else who acts for the customer.

        Raises:
            NotSignedIn, NotFound: as `ActingForTenants` says, or the customer has no such user.
            NotAllowed: the caller is no administrator of the customer itself.
            Conflict: `terms_do_not_allow`.
        """
        acting = await self.acting.admit(caller, tenant_id)
        if acting.principal.tenant != tenant_id or ADMINISTRATOR not in acting.principal.roles:
            raise NotAllowed
        if not acting.tenant.row.term.may_disclose:
            raise Conflict("terms_do_not_allow")
        person = await self._known(tenant_id, given.object_id)
        now, case_id = self.clock(), RequestId(str(self.new_id()))
        reason = Comment(by=acting.name, at=now, text=given.reason)
        seal = await self.keys.create(case_id)
        dossier = Dossier(people=(person,), comments=(reason,))
        request = self._request(case_id, acting, given, now).model_copy(
            update={"dossier": seal.lock(dossier.model_dump_json().encode())}
        )
        request, entry = opened(request, Happening.INSTRUCTED, actor=acting.name)
        plan = PlanRequest(request_id=UUID(case_id))
        await together(
            [
                self.waits.add(case_id, now + self.reissue_after),
                self.deadlines.add(case_id, request.due_at),
                self.cases.add(tenant_id, case_id),
                self.subjects.add(request.owner_ref or "", case_id),
            ]
        )
        await self.requests.create(request, entry, [plan])
        await self.mover.send([plan])
        return request

    async def _known(self, tenant_id: str, object_id: str) -> tuple[Identifier, ...]:
        """Return what identifies a user inside the tenant; somebody of whom nothing else is known is nobody's user."""
        found = await self.resolve(Dossier(tenant=tenant_id, object_id=object_id), self.maps.current())
        person = [
            one.model_copy(update={"standing": Standing.DERIVED, "source": _BY_ADMINISTRATOR})
            if one.standing is Standing.PROVEN
            else one
            for people in found.people
            for one in people.identifiers
            if one.tenant == tenant_id and one.standing in SEARCHED
        ]
        if len(person) < 2:
            raise NotFound
        return tuple(person)

    def _request(self, case_id: RequestId, acting: Acting, given: Disclose, now: datetime) -> Request:
        tenant = acting.tenant.row
        granted = Verdict(part=None, outcome="granted", proposed_by=acting.name, proposed_at=now, given_at=now)
        return Request(
            id=case_id,
            state=State.RECEIVED,
            parts=(Part(right="access", tenant=tenant.id, own=False, role="processor", state=State.RECEIVED),),
            language=tenant.language,
            channel="api",
            role="processor",
            tenant=tenant.id,
            disclosed_to=acting.name,
            recorded_by=acting.principal.object_id,
            signed_in=True,
            received_at=now,
            due_at=due_at(now, self.answer_within),
            verdicts=(granted,),
            owner_ref=self.references.subject(OBJECT_ID, given.object_id, tenant.id),
            body_hash="",
            dossier=b"",
        )
