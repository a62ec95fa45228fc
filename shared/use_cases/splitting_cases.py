"""Split off what Spinpanel holds as a customer's processor: a case of its own, which the customer decides."""

from dataclasses import dataclass

from shared.domain.data_map import DataMap
from shared.domain.dossier import Dossier
from shared.domain.request import Part, Request, RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class SplittingCases:
    """Creates the linked cases. Every call can be repeated: a case's id is derived from its origin's and its tenant."""

    async def split(
        self, request: Request, parts: tuple[Part, ...], dossier: Dossier, data_map: DataMap
    ) -> tuple[RequestId, ...]:
        """Create a case for every tenant whose processor's data the parts reach, and return their ids."""
        return ()
