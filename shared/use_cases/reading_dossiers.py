"""Opening what is sealed about a request."""

from dataclasses import dataclass

from shared.domain.dossier import Dossier
from shared.domain.request import Request
from shared.ports.case_keys import CaseKeys, Seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossiers:
    """Unseals and seals dossiers under their request's key."""

    keys: CaseKeys

    async def of(self, request: Request) -> Dossier:
        """Open a request's dossier.

        Raises:
            Gone: its key was shredded.
        """
        return (await self.opened(request))[0]

    async def opened(self, request: Request) -> tuple[Dossier, Seal]:
        """Open a request's dossier and hand out its seal as well."""
        seal = await self.keys.of(request.id)
        return Dossier.model_validate_json(seal.unlock(request.dossier)), seal
