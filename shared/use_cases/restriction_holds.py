"""Restrictions as holds: what a person wants kept is not erased, whoever asks (GDPR Art. 18(1)(b), (c))."""

from dataclasses import dataclass

from shared.domain.errors import Gone
from shared.domain.references import References
from shared.domain.request import RequestId
from shared.ports.measures import Measures
from shared.ports.requests import RequestStore
from shared.ports.world import Clock, Maps
from shared.use_cases.known_handles import known_as
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.together import together


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionHolds:
    """Asks under every identifier of a part's person, and mostly in one query: such restrictions are few."""

    measures: Measures
    requests: RequestStore
    dossiers: Dossiers
    references: References
    maps: Maps
    clock: Clock

    async def held(self, request_id: RequestId, part: int) -> frozenset[str]:
        """Return the datasets whose records of this part's person are kept by a restriction in force.

        Raises:
            Transient: a store could not be read.
        """
        keeping = await self.measures.keeping()
        if not keeping:
            return frozenset()
        request = (await self.requests.read(request_id)).row
        try:
            dossier = await self.dossiers.of(request)
        except Gone:
            return frozenset()
        data_map, now = self.maps.current(), self.clock()
        known = known_as(request.parts[part], dossier, data_map)
        handles = [handle for one in known for handle in one.handles(self.references) if handle in keeping]
        found = await together([self.measures.of(handle) for handle in handles])
        alive = [one for some, _ in found for one in some if one.keeps and one.in_force(now)]
        return frozenset(
            dataset.id
            for one in alive
            for service, dataset in data_map.datasets()
            if one.covers(service.role, dataset.id) and (one.tenant is None) == (dataset.tenancy == "none")
        )
