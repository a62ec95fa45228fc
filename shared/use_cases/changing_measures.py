"""Write limits on processing under every handle of a person, and tell services that something changed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.domain.data_map import DataMap
from shared.domain.dossier import Dossier
from shared.domain.measure import Measure
from shared.domain.references import References
from shared.domain.request import Part, Request, RequestId
from shared.messages.commands import ProcessingChanged
from shared.ports.bus import Bus
from shared.ports.measures import Measures
from shared.rights import discovered
from shared.use_cases.known_handles import Known, known_as
from shared.use_cases.together import together

type Change = Callable[[Measure], Measure]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangingMeasures:
    """Changes measures, then tells. Both can be repeated, and whoever records that it was done does so after them.

    So after a crash the same is written and told again, under the same message ids: a change that was told twice is
    looked up twice, and one that was not told is not on record as done.
    """

    measures: Measures
    references: References
    bus: Bus

    async def put(self, request: Request, known: Sequence[Known], measures: Sequence[Measure]) -> None:
        """Set measures under everything somebody is known as.

        Raises:
            Transient: a store or the bus could not be reached.
        """
        await self._tell(request.id, await together([self._put(one, measures) for one in known]))

    async def change(
        self, request: Request, number: int, dossier: Dossier, data_map: DataMap, change: Change
    ) -> list[Measure]:
        """Change what one part has set, and return all of that as it is now, each once.

        Raises:
            Transient: a store or the bus could not be reached.
        """
        known = known_of(request.parts[number], dossier, data_map)
        changed = await together([self._change(one, request.id, number, change) for one in known])
        await self._tell(request.id, [versions for versions, _ in changed])
        return list({one.id: one for _, some in changed for one in some}.values())

    async def end(
        self,
        request: Request,
        number: int,
        dossier: Dossier,
        data_map: DataMap,
        at: datetime,
        may_end: Callable[[Measure], bool],
    ) -> list[Measure]:
        """End what one part has set, at a moment, as far as that may be ended; return all of it as it is now.

        Raises:
            Transient: a store or the bus could not be reached.
        """

        def change(measure: Measure) -> Measure:
            if not may_end(measure):
                return measure
            return measure.model_copy(update={"lifted_at": min(at, measure.lifted_at or at)})

        return await self.change(request, number, dossier, data_map, change)

    async def standing(self, request: Request, number: int, dossier: Dossier, data_map: DataMap) -> list[Measure]:
        """Return what one part has set and nobody has ended; one identifier knows it all."""
        known = known_of(request.parts[number], dossier, data_map)
        if not known:
            return []
        there, _ = await self.measures.of(known[0].handles(self.references)[0])
        return [one for one in there if one.is_of(request.id, number) and one.lifted_at is None]

    async def _put(self, known: Known, measures: Sequence[Measure]) -> dict[str, int]:
        """Return the version of the handle that is told."""
        handles, versions = known.handles(self.references), {}
        for one in measures:
            versions = await self.measures.put(handles, one.model_copy(update={"tenant": known.tenant}))
        return {handle: version for handle, version in versions.items() if handle == handles[0]}

    async def _change(
        self, known: Known, request_id: RequestId, number: int, change: Change
    ) -> tuple[dict[str, int], list[Measure]]:
        """Return the version of the handle that is told, where something of the part's is under it, and what is."""
        versions: dict[str, int] = {}
        found: list[Measure] = []
        for handle in known.handles(self.references):
            there, _ = await self.measures.of(handle)
            for one in there:
                if one.is_of(request_id, number):
                    after = change(one)
                    versions |= await self.measures.put([handle], after)
                    found.append(after)
        told = known.handles(self.references)[0]
        return {handle: version for handle, version in versions.items() if handle == told}, found

    async def _tell(self, request_id: RequestId, changed: Iterable[dict[str, int]]) -> None:
        events = [
            ProcessingChanged(request_id=UUID(request_id), handle=handle, version=version)
            for versions in changed
            for handle, version in versions.items()
        ]
        if events:
            await self.bus.send(events)


def is_measure(part: Part) -> bool:
    """Tell whether a part asks for limits on processing."""
    return discovered()[part.right].work == "measure"


def known_of(part: Part, dossier: Dossier, data_map: DataMap) -> list[Known]:
    """Return under what the person of a part is known, as far as that part's right reaches."""
    as_given = discovered()[part.right].assurance == "as_given"
    return list(known_as(part, dossier, data_map, as_given=as_given))
