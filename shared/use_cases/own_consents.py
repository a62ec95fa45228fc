"""What a person's own record of consent says."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.measure import ConsentEvent
from shared.ports.measures import Consents
from shared.use_cases.caller import Caller
from shared.use_cases.owning import Owning


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnConsents:
    """For the person alone, under what they signed in with or proved."""

    owning: Owning
    consents: Consents

    async def __call__(self, caller: Caller) -> Sequence[ConsentEvent]:
        """Return every line, the oldest first.

        Raises:
            NotSignedIn: the caller proved nothing.
            NotFound, Gone: the request that the caller proved to be the subject of is no more.
        """
        return await self.consents.of(await self.owning.known_as(caller))
