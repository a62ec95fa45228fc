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

type _Known = tuple[str, str, str | None]

_COPYING = frozenset({State.RECEIVED, State.COLLECTING, State.REVIEWING, State.ASSEMBLING})
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
        known = _known(await self.dossiers.of(request))
        found = await self.subjects.requests(sorted(self.references.subject(*one) for one in known))
        others = await together([self._read(one) for one in found if one != request.id])
        if any(one is not None and _is_copied(one) and _same_data(one, request) for one in others):
            return False
        for reference in self._turns_of(request, known):
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
        for reference in self._turns_of(request, _known(await self.dossiers.of(request))):
            await self.turns.leave(reference, request.id)

    def _turns_of(self, request: Request, known: set[_Known]) -> list[str]:
        """Return what stands for the person's turns, in one order for everybody: so no two wait for each other.

        A customer's data and Spinpanel's own lie in different systems: their turns are apart.
        """
        scope = f"{request.role}/{request.tenant}/" if request.role == "processor" else ""
        return sorted(self.references.subject(f"{scope}{kind}", value, tenant) for kind, value, tenant in known)

    async def _read(self, request_id: RequestId) -> Request | None:
        try:
            return (await self.requests.read(request_id)).row
        except NotFound:
            return None


def _known(dossier: Dossier) -> set[_Known]:
    """Return the accounts and addresses of a dossier's people, by kind, value and tenant."""
    return {
        (one.kind, one.value, one.tenant if one.kind == OBJECT_ID else None)
        for person in dossier.people
        for one in person
        if one.kind in {OBJECT_ID, EMAIL} and one.standing in SEARCHED
    }


def _is_copied(request: Request) -> bool:
    return request.state in _COPYING and request.asks("access")


def _same_data(one: Request, other: Request) -> bool:
    """Tell whether two requests are about data of one controller."""
    return (one.role, one.tenant) == (other.role, other.tenant)
