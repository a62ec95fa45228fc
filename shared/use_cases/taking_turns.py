"""In what order the requests of one person are worked on: copies before erasures, erasures one after another."""

from dataclasses import dataclass

from shared.domain.dossier import SEARCHED, Dossier
from shared.domain.errors import NotFound
from shared.domain.identity import EMAIL, OBJECT_ID
from shared.domain.references import References
from shared.domain.request import Request, RequestId
from shared.domain.states import State
from shared.ports.erasing import Turns
from shared.ports.requests import RequestStore, Subjects
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.together import together

_COPYING = frozenset({State.RECEIVED, State.COLLECTING, State.ASSEMBLING})
_ENTITLED = frozenset({State.COOLING_OFF, State.APPROVAL_PENDING, State.ERASING, State.INFORMING, State.CERTIFYING})


@dataclass(frozen=True, slots=True, kw_only=True)
class TakingTurns:
    """A person is known here by every account and address that is searched with, whichever of them proved a request."""

    requests: RequestStore
    subjects: Subjects
    dossiers: Dossiers
    references: References
    turns: Turns

    async def is_next(self, request: Request) -> bool:
        """Tell whether an erasure may start now; from then on it has the person's turn.

        It waits while a copy for the same person is being made, and while another erasure has the turn. A turn whose
        holder has ended without giving it back is taken over.
        """
        own = self._references(await self.dossiers.of(request))
        found = await self.subjects.requests(own)
        others = await together([self._read(one) for one in found if one != request.id])
        if any(one is not None and one.state in _COPYING and one.asks("access") for one in others):
            return False
        for reference in own:
            holder = await self.turns.take(reference, request.id)
            if holder != request.id:
                other = await self._read(holder)
                if other is not None and other.state in _ENTITLED:
                    return False
                await self.turns.leave(reference, holder)
                if await self.turns.take(reference, request.id) != request.id:
                    return False
        return True

    async def leave(self, request: Request) -> None:
        """Give the turn back; one that was not had is no error."""
        for reference in self._references(await self.dossiers.of(request)):
            await self.turns.leave(reference, request.id)

    def _references(self, dossier: Dossier) -> list[str]:
        """Return the person's references, in one order for everybody: so no two wait for each other."""
        known = {
            (one.kind, one.value, one.tenant if one.kind == OBJECT_ID else None)
            for person in dossier.people
            for one in person
            if one.kind in {OBJECT_ID, EMAIL} and one.standing in SEARCHED
        }
        return sorted(self.references.subject(*one) for one in known)

    async def _read(self, request_id: RequestId) -> Request | None:
        try:
            return (await self.requests.read(request_id)).row
        except NotFound:
            return None
