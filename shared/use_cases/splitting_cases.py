"""Split off what Spinpanel holds as a customer's processor: a case of its own, which the customer decides.

GDPR Art. 28(3)(a), (e): a processor answers on the controller's instruction alone, and helps it to answer.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.domain.data_map import DataMap
from shared.domain.dossier import SHARED_ADDRESS, Dossier
from shared.domain.errors import AlreadyThere, NotFound
from shared.domain.identity import EMAIL, Standing
from shared.domain.references import References
from shared.domain.request import Part, Request, RequestId, Verification, opened
from shared.domain.states import Happening, State
from shared.domain.tenant import Tenant
from shared.messages.commands import AnyCommand, PlanRequest, SendNotice
from shared.ports.case_keys import CaseKeys
from shared.ports.requests import Deadlines, RequestStore, Subjects, Waits
from shared.ports.tenants import TenantCases, Tenants
from shared.ports.world import Clock
from shared.use_cases.moving import Mover
from shared.use_cases.opening_stages import searches
from shared.use_cases.pausing import AnswerClock
from shared.use_cases.scoping_cases import of_their_own
from shared.use_cases.together import together

CONTROLLER_UNKNOWN = "controller_unknown"
_GROUPS = ("instructed", "forwarded")


@dataclass(frozen=True, slots=True, kw_only=True)
class SplittingCases:
    """Creates the linked cases. Every call can be repeated: a case's id is derived from its origin's and its tenant."""

    requests: RequestStore
    keys: CaseKeys
    waits: Waits
    deadlines: Deadlines
    subjects: Subjects
    tenants: Tenants
    cases: TenantCases
    references: References
    answer_clock: AnswerClock
    mover: Mover
    clock: Clock
    reissue_after: timedelta

    async def split(
        self, request: Request, parts: tuple[Part, ...], dossier: Dossier, data_map: DataMap
    ) -> tuple[RequestId, ...]:
        """Create a case for every tenant whose processor's data the parts reach, and return their ids.

        Rights that the customer lets us answer ourselves, and those it decides, are a case each. What was split off
        before stays as it is.
        """
        if request.role == "processor" or request.linked:
            return request.linked
        linked: list[RequestId] = []
        for tenant_id, reached in _reached(parts, dossier, data_map).items():
            read = await self.tenants.read(tenant_id)
            tenant = None if read is None else read.row
            ours = await self._answered_by_us(request, tenant_id, tenant)
            for instructed in (True, False):
                some = [part for part in reached if (part.right in ours) is instructed]
                if some:
                    linked.append(await self._create(request, some, dossier, data_map, tenant, instructed=instructed))
        return tuple(linked)

    async def _answered_by_us(self, origin: Request, tenant_id: str, tenant: Tenant | None) -> frozenset[str]:
        """Return the rights that the customer lets us answer.

        Where its terms are younger than the request, a planning that was broken off may have split by others: what it
        created says which.
        """
        if tenant is None:
            return frozenset()
        if tenant.term.since <= origin.received_at:
            return tenant.term.answers
        ours, theirs = await together([self._rights_of(origin, tenant_id, group) for group in _GROUPS])
        return (tenant.term.answers | ours) - theirs

    async def _rights_of(self, origin: Request, tenant_id: str, group: str) -> frozenset[str]:
        try:
            case = await self.requests.read(self.references.linked_id(origin.id, tenant_id, group))
        except NotFound:
            return frozenset()
        return frozenset(part.right for part in case.row.parts)

    async def _create(
        self,
        origin: Request,
        reached: Sequence[Part],
        dossier: Dossier,
        data_map: DataMap,
        tenant: Tenant | None,
        *,
        instructed: bool,
    ) -> RequestId:
        """Write one case, its key and its indexes, and send its first commands; one that is there stays as it is."""
        tenant_id, now = reached[0].tenant or "", self.clock()
        case_id = self.references.linked_id(origin.id, tenant_id, _GROUPS[not instructed])
        own = of_their_own(dossier, reached, data_map)
        seal = await self.keys.create(case_id)
        version = tenant.term.version if tenant else 0
        request = Request(
            id=case_id,
            state=State.FORWARDED,
            parts=tuple(
                part.model_copy(update={"role": "processor", "person": 0, "decide": False}) for part in reached
            ),
            language=origin.language,
            channel=origin.channel,
            role="processor",
            tenant=tenant_id,
            origin=origin.id,
            forwarded_at=None if instructed else now,
            signed_in=origin.signed_in,
            received_at=origin.received_at,
            # An extension is of our own answer: the customer may have one of its own.
            due_at=self.answer_clock.due(origin.model_copy(update={"extension": None})),
            pauses=origin.pauses,
            owner_ref=origin.owner_ref,
            body_hash="",
            dossier=seal.lock(own.model_dump_json().encode()),
            verification=_proof(origin),
            attention=_attention(dossier, reached[0].person, tenant),
        )
        happening = Happening.INSTRUCTED if instructed else Happening.FORWARDED
        request, entry = opened(request, happening, at=now, actor=f"terms:{version}" if instructed else "")
        opens = _first_commands(request, tenant, instructed=instructed)
        await together(
            [
                self.waits.add(case_id, now + self.reissue_after),
                self.deadlines.add(case_id, request.due_at),
                self.cases.add(tenant_id, case_id),
                *(self.subjects.add(one, case_id) for one in self._subject_refs(request, own)),
            ]
        )
        with suppress(AlreadyThere):
            await self.requests.create(request, entry, opens)
            await self.mover.send(opens)
        return case_id

    def _subject_refs(self, request: Request, own: Dossier) -> set[str]:
        """Return the references that a person finds the case by: what they proved."""
        found = set() if request.owner_ref is None else {request.owner_ref}
        return found if own.email is None else {*found, self.references.subject(EMAIL, own.email, None)}


def _reached(parts: Sequence[Part], dossier: Dossier, data_map: DataMap) -> dict[str, list[Part]]:
    """Return by tenant the parts that reach something Spinpanel holds as its processor."""
    found: dict[str, list[Part]] = {}
    for part in parts:
        as_processor = part.model_copy(update={"role": "processor"})
        if part.tenant is None or part.state.is_final:
            continue
        if any(searches(data_map, service, as_processor, dossier) for service in data_map.services):
            found.setdefault(part.tenant, []).append(part)
    return found


def _proof(origin: Request) -> Verification | None:
    """Return where proving the address stands: it was proven for the request this was split off."""
    proven = origin.verification
    return None if proven is None else Verification(used=True, mailed=True, proven_at=proven.proven_at)


def _attention(dossier: Dossier, person: int, tenant: Tenant | None) -> tuple[str, ...]:
    doubtful = any(one.kind == EMAIL and one.standing is Standing.CLAIMED for one in dossier.people[person])
    codes = {SHARED_ADDRESS for _ in range(1) if doubtful} | {CONTROLLER_UNKNOWN for _ in range(1) if tenant is None}
    return tuple(sorted(codes))


def _first_commands(request: Request, tenant: Tenant | None, *, instructed: bool) -> list[AnyCommand]:
    of = UUID(request.id)
    if instructed:
        return [PlanRequest(request_id=of)]
    told = SendNotice(request_id=of, notice="forwarded")
    if tenant is None:
        return [told, SendNotice(request_id=of, notice="operator_alert", about=CONTROLLER_UNKNOWN)]
    return [told, SendNotice(request_id=of, notice="controller_asked")]
