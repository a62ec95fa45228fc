"""What a customer sees of its cases, decides and comments: never who else they are of, nor the person's own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from shared.domain.data_map import Dataset
from shared.domain.dossier import Comment, Dossier
from shared.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from shared.domain.identity import EMAIL, OBJECT_ID, UPN, Identifier, Standing
from shared.domain.references import References
from shared.domain.request import Request, RequestId
from shared.domain.service_task import Work
from shared.domain.states import Happening
from shared.domain.verdict import Verdict
from shared.messages.commands import AnyCommand, Notice, SendNotice
from shared.messages.tenant_inputs import DecideCase
from shared.ports.case_keys import Seal
from shared.ports.requests import Case, Move, RequestStore, Versioned, Waits
from shared.ports.tenants import TenantCases
from shared.ports.world import Clock, Maps, Principal
from shared.use_cases.acting_for_tenants import Acting, ActingForTenants
from shared.use_cases.awaiting_controllers import CONTROLLER_LATE, CONTROLLER_UNASKED
from shared.use_cases.caller import Caller
from shared.use_cases.erasure_moves import planning_of, unmarked
from shared.use_cases.moving import Mover
from shared.use_cases.opening_stages import searches
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.resolve_identity import ResolveIdentity
from shared.use_cases.splitting_cases import CONTROLLER_UNKNOWN
from shared.use_cases.together import together

MOST_COMMENTS = 50
_NAMING = frozenset({OBJECT_ID, UPN, EMAIL})  # what names a person, and not a thing of theirs
_ASKED: tuple[Notice, ...] = ("controller_asked", "controller_reminder", "controller_others", "controller_partner")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A dataset that a case is about, and how many records it held, where that is known by now."""

    dataset: Dataset
    records: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A case as its customer sees it."""

    request: Request
    identifiers: tuple[Identifier, ...]
    held: tuple[Held, ...]
    comments: tuple[Comment, ...]
    child: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerCases:
    """Asks at every call who may act. Another tenant's case answers like one that does not exist."""

    acting: ActingForTenants
    requests: RequestStore
    cases: TenantCases
    dossiers: Dossiers
    maps: Maps
    references: References
    resolve: ResolveIdentity
    waits: Waits
    mover: Mover
    clock: Clock
    reissue_after: timedelta

    async def page(
        self, caller: Caller, tenant_id: str, limit: int, cursor: str | None, *, open_only: bool
    ) -> tuple[Sequence[Request], str | None]:
        """Return a page of a customer's cases, and a cursor for more; with `open_only` it may be a short one.

        Raises:
            NotSignedIn, NotAllowed, NotFound: as `ActingForTenants` says.
        """
        await self.acting.admit(caller, tenant_id)
        ids, more = await self.cases.page(tenant_id, limit, cursor)
        found = await together([self._read(tenant_id, one) for one in ids])
        return [one for one in found if one is not None and not (open_only and one.state.is_final)], more

    async def one(self, caller: Caller, tenant_id: str, case_id: RequestId) -> Seen:
        """Return one case.

        Raises:
            NotSignedIn, NotAllowed, NotFound: as `ActingForTenants` says, or it is not this customer's.
        """
        await self.acting.admit(caller, tenant_id)
        case = await self.requests.load(case_id)
        _must_be_of(tenant_id, case.request.row)
        return await self._seen(case)

    async def decide(self, caller: Caller, tenant_id: str, case_id: RequestId, given: DecideCase) -> Request:
        """Grant or refuse. A refusal is the customer's own and told as such; what is granted is worked on at once.

        Raises:
            NotSignedIn, NotFound: as `ActingForTenants` says, or it is not this customer's.
            NotAllowed: the caller may not decide at all, or it is about themselves, or they opened it.
            InvalidInput: a refusal without a ground, or a ground without a refusal.
            Conflict: it is not the customer's turn.
        """
        if (given.outcome == "refused") != (given.ground is not None):
            raise InvalidInput("ground", "asked for a refusal, and for that alone")

        async def decide(read: Versioned[Request]) -> Request:
            acting = await self.acting.admit(caller, tenant_id)
            _must_be_of(tenant_id, read.row)
            dossier, seal = await self.dossiers.opened(read.row)
            await self._must_be_another(acting.principal, read.row, dossier)
            await self.waits.add(case_id, self.clock() + self.reissue_after)
            return await self._record(read, acting, given, seal)

        return await self.mover.on_newest(case_id, decide)

    async def comment(self, caller: Caller, tenant_id: str, case_id: RequestId, text: str) -> Seen:
        """Add a comment, sealed with the case.

        Raises:
            NotSignedIn, NotAllowed, NotFound: as `ActingForTenants` says, or it is not this customer's.
            Conflict: `comments_spent`, or the case has ended.
        """

        async def add(read: Versioned[Request]) -> None:
            acting = await self.acting.admit(caller, tenant_id)
            _must_be_of(tenant_id, read.row)
            dossier, seal = await self.dossiers.opened(read.row)
            if len(dossier.comments) >= MOST_COMMENTS:
                raise Conflict("comments_spent")
            now = self.clock()
            said = dossier.model_copy(
                update={"comments": (*dossier.comments, Comment(by=acting.name, at=now, text=text))}
            )
            sealed = seal.lock(said.model_dump_json().encode())
            after, entry = read.row.happened(Happening.COMMENTED, now, actor=acting.name, dossier=sealed)
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry))

        await self.mover.on_newest(case_id, add)
        return await self._seen(await self.requests.load(case_id))

    async def _record(self, read: Versioned[Request], acting: Acting, given: DecideCase, seal: Seal) -> Request:
        request, now, granted = read.row, self.clock(), given.outcome == "granted"
        verdict = Verdict(
            part=None,
            outcome=given.outcome,
            ground=given.ground,
            text=None if given.text is None else seal.lock(given.text.encode()),
            text_hash=None if given.text is None else sha256(given.text.encode()).hexdigest(),
            proposed_by=acting.name,
            proposed_at=now,
            given_at=now,
        )
        after, entry = request.happened(
            Happening.GRANTED if granted else Happening.CONTROLLER_REFUSED,
            now,
            actor=acting.name,
            about=given.ground or "",
            verdicts=(*request.verdicts, verdict),
            reason=None if granted else "controller_refused",
            attention=unmarked(request, CONTROLLER_LATE, CONTROLLER_UNASKED, CONTROLLER_UNKNOWN),
        )
        of = UUID(request.id)
        opens: list[AnyCommand] = [planning_of(after) if granted else SendNotice(request_id=of, notice="refused")]
        closes = [SendNotice(request_id=of, notice=one).key for one in _ASKED]
        await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, opens=opens, closes=closes))
        return after

    async def _must_be_another(self, principal: Principal, request: Request, dossier: Dossier) -> None:
        """Refuse whoever the case is about, by account or by any address of theirs, and whoever opened it."""
        own = self.references.subject_in_all_versions(OBJECT_ID, principal.object_id, principal.tenant)
        if request.owner_ref in own or request.recorded_by == principal.object_id:
            raise NotAllowed
        themselves = await self.resolve(
            Dossier(tenant=principal.tenant, object_id=principal.object_id), self.maps.current()
        )
        theirs = {
            (one.kind, one.value) for person in themselves.people for one in person.identifiers if one.kind in _NAMING
        }
        if any((one.kind, one.value) in theirs for person in dossier.people for one in person):
            raise NotAllowed

    async def _seen(self, case: Case) -> Seen:
        request = case.request.row
        if request.traces_gone_at is not None:
            return Seen(request=request, identifiers=(), held=(), comments=())
        dossier = await self.dossiers.of(request)
        return Seen(
            request=request,
            identifiers=_identifying(dossier),
            held=self._held(case, dossier),
            comments=dossier.comments,
            child=dossier.child,
        )

    def _held(self, case: Case, dossier: Dossier) -> tuple[Held, ...]:
        data_map = self.maps.current()
        counts: dict[str, int] = {}
        for task in case.of(Work.EXPORT):
            counts |= {name: counts.get(name, 0) + number for name, number in task.counts.items()}
        found = {
            dataset.id: Held(dataset=dataset, records=counts.get(dataset.id))
            for part in case.request.row.parts
            for service in data_map.services
            for dataset, _ in searches(data_map, service, part, dossier)
        }
        return tuple(found.values())

    async def _read(self, tenant_id: str, case_id: RequestId) -> Request | None:
        try:
            request = (await self.requests.read(case_id)).row
            _must_be_of(tenant_id, request)
        except NotFound:
            return None
        return request


def _must_be_of(tenant_id: str, request: Request) -> None:
    if request.role != "processor" or request.tenant != tenant_id:
        raise NotFound


def _identifying(dossier: Dossier) -> tuple[Identifier, ...]:
    """Return what the customer knows its user by.

    An address that the person proved to us may be known to nobody there: it is told only where it is all there is.
    """
    person = tuple(one for one in dossier.people[0] if one.kind in _NAMING)
    known = tuple(one for one in person if not (one.kind == EMAIL and one.standing is Standing.PROVEN))
    return known if any(one.kind == OBJECT_ID for one in known) else person
