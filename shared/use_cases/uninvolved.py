"""Who may decide: never about themselves, and never about a complaint that concerns their own work."""

from dataclasses import dataclass

from shared.domain.dossier import Dossier
from shared.domain.errors import NotAllowed, NotFound
from shared.domain.identity import OBJECT_ID
from shared.domain.references import References
from shared.domain.request import Request, RequestId
from shared.ports.requests import RequestStore
from shared.ports.world import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Uninvolved:
    """Asked at every step of a decision, and again when it takes effect."""

    requests: RequestStore
    references: References

    async def must_be(self, person: Principal, request: Request, dossier: Dossier) -> None:
        """Refuse whoever is the subject, or had a part in the request that a complaint is about.

        Raises:
            NotAllowed: they are, or had.
        """
        if self.is_subject(person, request, dossier):
            raise NotAllowed
        about = dossier.ask("complaint").about if request.asks("complaint") else None
        if about is not None and await self._had_a_part(person, RequestId(about)):
            raise NotAllowed

    def is_subject(self, person: Principal, request: Request, dossier: Dossier) -> bool:
        """Tell whether a request is about this person, by every account it is known, or claimed, to be about."""
        own = self.references.subject_in_all_versions(OBJECT_ID, person.object_id, person.tenant)
        accounts = {(dossier.tenant, dossier.object_id)}
        accounts |= {(one.tenant, one.value) for known in dossier.people for one in known if one.kind == OBJECT_ID}
        if dossier.recorded is not None:
            accounts.add((dossier.recorded.tenant, dossier.recorded.object_id))
        return request.owner_ref in own or (person.tenant, person.object_id) in accounts

    async def _had_a_part(self, person: Principal, about: RequestId) -> bool:
        try:
            earlier = (await self.requests.read(about)).row
        except NotFound:
            return False
        actors = {entry.actor for entry in await self.requests.history(about)} | {earlier.recorded_by}
        return person.object_id in actors
