"""Join a verified request to an earlier one of the same person that asks the same and is still worked on."""

import json
from dataclasses import dataclass

from shared.domain.dossier import SEARCHED, Dossier
from shared.domain.errors import NotFound, StaleState
from shared.domain.references import References
from shared.domain.request import Request, RequestId
from shared.domain.states import State
from shared.ports.erasing import Turns
from shared.ports.requests import RequestStore

_TRIES = 3
_IN_DOUBT = frozenset({State.IDENTITY_PENDING, State.DOUBTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningDuplicates:
    """Asked after verification alone: nobody learns from it what somebody else asked.

    Two requests are the same where every identifier that either is searched with is the other's too, of the same
    standing, and the rights and their details are the same: then the answer to one is the answer to the other, and
    whoever proved one has proved both. All of that is one keyed hash, and whoever takes its turn first is the first.
    """

    requests: RequestStore
    references: References
    turns: Turns

    async def earlier(self, request: Request, dossier: Dossier) -> Request | None:
        """Return the request to join, None for the first of its kind; of two at once exactly one is the first.

        A turn whose holder has ended is taken over. One that somebody cast doubt on is joined by nobody.

        Raises:
            StaleState: others came and went at the same time; ask again.
        """
        key = self._key(request, dossier)
        if key is None:
            return None
        for _ in range(_TRIES):
            holder = await self.turns.take(key, request.id)
            if holder == request.id:
                return None
            first = await self._read(holder)
            if first is not None and not first.state.is_final:
                return None if first.state in _IN_DOUBT else first
            await self.turns.leave(key, holder)
        raise StaleState(request.id)

    async def leave(self, request: Request, dossier: Dossier) -> None:
        """Let later requests of the kind be worked on again; harmless to repeat."""
        key = self._key(request, dossier)
        if key is not None:
            await self.turns.leave(key, request.id)

    def _key(self, request: Request, dossier: Dossier) -> str | None:
        """Return what equal requests have in common; None where nobody is known, or a customer decides."""
        known = sorted(
            {
                (one.kind, one.value, one.tenant or "", one.standing.value)
                for person in dossier.people
                for one in person
                if one.standing in SEARCHED
            }
        )
        if not known or request.role == "processor":
            return None
        rights = sorted({part.right for part in request.parts})
        asks = {right: dossier.ask(right).model_dump(mode="json") for right in rights}
        same = json.dumps([known, asks], sort_keys=True, separators=(",", ":"))
        return f"asked.{self.references.body_hash(same.encode())}"

    async def _read(self, request_id: RequestId) -> Request | None:
        try:
            return (await self.requests.read(request_id)).row
        except NotFound:
            return None
