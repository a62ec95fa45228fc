"""Tell a service what may be done with records that it holds: by opaque handle, never whose they are or why."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.domain.data_map import DataMap, Dataset, Service
from shared.domain.errors import InvalidInput, NotAllowed, TooMany
from shared.domain.identity import normalise
from shared.domain.measure import Limits, limits
from shared.domain.references import References
from shared.messages.inputs import LookUp, LookUpItem
from shared.ports.measures import Measures
from shared.ports.world import Clock, Maps
from shared.ports.world import Limits as FloodLimits
from shared.use_cases.caller import Caller, require_service
from shared.use_cases.known_handles import Known
from shared.use_cases.lane_tasks import CLIENT
from shared.use_cases.together import together

_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """What holds for one identifier in one dataset, for `max_age`; the same shape for people nobody knows."""

    dataset: str
    handle: str
    version: int
    limits: Limits
    max_age: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class LookingUp:
    """Answers services of ours about their own datasets."""

    measures: Measures
    maps: Maps
    references: References
    flood: FloodLimits
    clock: Clock
    home_tenant: str
    max_age: timedelta
    per_service: int
    window: timedelta

    async def __call__(self, caller: Caller, asked: LookUp) -> list[LookedUp]:
        """Return an answer for each item, in their order.

        Raises:
            NotSignedIn, NotAllowed: the caller is no service of ours, or a dataset is not its own.
            InvalidInput: an item names no identifier that its dataset is found by.
            TooMany: it asks over and over.
            Transient: the store could not be read: then nothing may be done.
        """
        client = require_service(caller, self.home_tenant)
        wait = self.flood.admit("lookups", client, self.per_service, self.window)
        if wait is not None:
            raise TooMany(max(1, round(wait.total_seconds())))
        own = _own(self.maps.current(), client)
        if any(item.dataset not in own for item in asked.items):
            raise NotAllowed
        known = [_known(number, item, own[item.dataset][1]) for number, item in enumerate(asked.items)]
        return await together(
            [self._answer(one, *own[item.dataset]) for item, one in zip(asked.items, known, strict=True)], _AT_ONCE
        )

    async def _answer(self, known: Known, service: Service, dataset: Dataset) -> LookedUp:
        handles = known.handles(self.references)
        found = [await self.measures.of(handle) for handle in handles]
        measures = {one.id: one for some, _ in reversed(found) for one in some}
        return LookedUp(
            dataset=dataset.id,
            handle=handles[0],
            version=found[0][1],
            limits=limits(measures.values(), service.role, dataset, self.clock()),
            max_age=self.max_age,
        )


def _own(data_map: DataMap, client: str) -> dict[str, tuple[Service, Dataset]]:
    """Return the datasets of the services that this managed identity speaks for."""
    return {
        dataset.id: (service, dataset)
        for service, dataset in data_map.datasets()
        if client in service.clients or service.settings.get(CLIENT) == client
    }


def _known(number: int, item: LookUpItem, dataset: Dataset) -> Known:
    place = f"items.{number}"
    if not dataset.is_found_by(item.kind):
        raise InvalidInput(f"{place}.kind", "no identifier of this dataset")
    if (item.tenant is None) == (dataset.tenancy == "tenant"):
        raise InvalidInput(f"{place}.tenant", "asked for in datasets that belong to tenants, and in no other")
    try:
        value = normalise(item.kind, item.value)
    except InvalidInput as error:
        raise InvalidInput(f"{place}.value", error.reason) from None
    try:
        tenant = None if item.tenant is None else str(UUID(item.tenant))
    except ValueError:
        raise InvalidInput(f"{place}.tenant", "not a GUID") from None
    return Known(kind=item.kind, value=value, tenant=tenant)
