"""Join a verified request to an earlier one of the same person that asks the same and is still worked on."""

from dataclasses import dataclass

from shared.domain.dossier import Dossier
from shared.domain.request import Request, RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningDuplicates:
    """Asked after verification alone: nobody learns from it what somebody else asked."""

    async def earlier(self, request: Request, dossier: Dossier) -> RequestId | None:
        """Return the request to join, None for the first of its kind; of two at once exactly one is the first."""
        return None

    async def leave(self, request: Request, dossier: Dossier) -> None:
        """Let later requests of the kind be worked on again; harmless to repeat."""
