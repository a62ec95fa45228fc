"""Ask for a second proof where an account shows signs of having been taken over."""

from dataclasses import dataclass
from typing import Literal

from shared.domain.dossier import Dossier
from shared.domain.request import Request

type SecondProof = Literal["not_needed", "impossible"] | str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardingAccounts:
    """Asked once it is known who a request is about."""

    async def second_proof(self, request: Request, dossier: Dossier) -> SecondProof:
        """Return the address a second proof is asked from; `not_needed`; or `impossible`, which operators look at."""
        return "not_needed"
