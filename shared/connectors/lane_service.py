"""A service that listens to its own lane of the bus: it does the work itself, in its own process."""

from collections.abc import AsyncIterator
from typing import ClassVar
from uuid import UUID

from shared.connectors._stores import Stores
from shared.connectors._ways import Words, check_dataset, check_service, refusal
from shared.domain.data_map import Dataset, Service
from shared.domain.errors import DataMapInvalid, Permanent
from shared.domain.identity import EMAIL
from shared.ports.connector import Counted, Erased, Page, Rectified

VOCABULARY = {"identifier": Words()}
OUR_LANE = "stores"


class LaneService:
    """Names such a service in the data map. It is never read from here: it claims its tasks and answers them itself."""

    kind: ClassVar[str] = "lane_service"

    def __init__(self, _: Stores | None = None) -> None:
        pass

    def check(self, service: Service, dataset: Dataset) -> None:
        """See the port."""
        check_service(service, names="client")
        try:
            is_guid = str(UUID(service.settings["client"])) == service.settings["client"]
        except ValueError:
            is_guid = False
        if not is_guid:
            raise DataMapInvalid(f"service {service.id}: settings: client: the client id of its identity, a GUID")
        if service.lane == OUR_LANE:
            raise DataMapInvalid(f"service {service.id}: lane: `{OUR_LANE}` is ours, it has one of its own")
        if dataset.settings:
            raise refusal(dataset, "settings", "none are asked")
        tells_tenants = dataset.tenancy == "tenant" and dataset.is_found_by(EMAIL)
        if dataset.yields or tells_tenants or any(way.use == "resolution" for way in dataset.found_by):
            raise refusal(dataset, "found_by", "who somebody is cannot be asked of a service that answers later")
        check_dataset(dataset, VOCABULARY)

    def export(self, *_: object, **__: object) -> AsyncIterator[Page]:
        """Refuse: what it uploads is read by the step that takes it in."""
        raise _by_itself()

    def count(self, *_: object, **__: object) -> AsyncIterator[Counted]:
        """Refuse: it counts by itself."""
        raise _by_itself()

    def erase(self, *_: object, **__: object) -> AsyncIterator[Erased]:
        """Refuse: it erases by itself."""
        raise _by_itself()

    def rectify(self, *_: object, **__: object) -> AsyncIterator[Rectified]:
        """Refuse: it corrects by itself."""
        raise _by_itself()


def _by_itself() -> Permanent:
    return Permanent("works_by_itself")


CONNECTOR = LaneService
