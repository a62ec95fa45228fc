"""Whose request it is: the person who proved to be its subject, and nobody else."""

from dataclasses import dataclass

from shared.domain.errors import NotFound, NotSignedIn, ProofNeeded
from shared.domain.identity import EMAIL, OBJECT_ID
from shared.domain.references import References
from shared.domain.request import Request, RequestId
from shared.ports.requests import Case, RequestStore, Subjects
from shared.ports.world import Clock, Principal
from shared.use_cases.caller import ADMINISTRATOR, Caller
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.together import together

MOST_LISTED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Owning:
    """Finds requests for the caller they belong to. Somebody else's answers like one that does not exist."""

    requests: RequestStore
    subjects: Subjects
    dossiers: Dossiers
    references: References
    clock: Clock

    async def case(self, caller: Caller, request_id: RequestId) -> Case:
        """Load one's own request.

        Raises:
            NotSignedIn: the caller proved nothing.
            NotFound: there is none, or it is somebody else's.
        """
        self._known(caller)
        case = await self.requests.load(request_id)
        self.must_own(caller, case.request.row)
        return case

    async def all(self, caller: Caller) -> list[Request]:
        """Return one's own requests, newest first, at most fifty.

        Raises:
            NotSignedIn: the caller proved nothing.
        """
        self._known(caller)
        ids = await self.subjects.requests(await self._references(caller))
        found = await together([self._read(one) for one in ids])
        own = [request for request in found if request is not None]
        return sorted(own, key=lambda request: request.received_at, reverse=True)[:MOST_LISTED]

    async def known_as(self, caller: Caller) -> list[str]:
        """Return every reference the caller is known under: of their account, and of the address they proved.

        Raises:
            NotSignedIn: the caller proved nothing.
        """
        self._known(caller)
        return await self._references(caller)

    def must_own(self, caller: Caller, request: Request) -> None:
        """Refuse a request that is not the caller's.

        Raises:
            NotFound: it is not, or no longer.
        """
        if caller.session is not None and caller.session.request_id in {request.id, request.origin}:
            return
        principal = caller.principal
        if principal is not None and receives(principal, request):
            return
        if principal is not None and principal.app is None and request.signed_in:
            references = self.references.subject_in_all_versions(OBJECT_ID, principal.object_id, principal.tenant)
            if request.owner_ref in references:
                return
        raise NotFound

    def must_be_fresh(self, caller: Caller, fresh_for: float) -> None:
        """Refuse a session whose code came back longer ago than `fresh_for` seconds; a token is fresh while valid.

        Raises:
            ProofNeeded: a new code is needed.
        """
        if caller.principal is not None:
            return
        session = caller.session
        if session is None or (self.clock() - session.proven_at).total_seconds() > fresh_for:
            raise ProofNeeded

    @staticmethod
    def _known(caller: Caller) -> None:
        if caller.session is None and (caller.principal is None or caller.principal.app is not None):
            raise NotSignedIn

    async def _references(self, caller: Caller) -> list[str]:
        found: list[str] = []
        if caller.principal is not None:
            principal = caller.principal
            found += self.references.subject_in_all_versions(OBJECT_ID, principal.object_id, principal.tenant)
        if caller.session is not None:
            proven = (await self.requests.read(caller.session.request_id)).row
            email = (await self.dossiers.of(proven)).email
            if email is not None:
                found += self.references.subject_in_all_versions(EMAIL, email, None)
        return found

    async def _read(self, request_id: RequestId) -> Request | None:
        try:
            return (await self.requests.read(request_id)).row
        except NotFound:
            return None


def receives(principal: Principal, request: Request) -> bool:
    """Tell whether somebody is the administrator to whom a user's data is disclosed by this request."""
    named = f"{principal.tenant}/{principal.object_id}"
    return request.disclosed_to == named and ADMINISTRATOR in principal.roles and principal.app is None
