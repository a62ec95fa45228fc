"""What this service keeps of people itself, found by the keyed references of who they proved to be.

It is evidence, or protects its own person: nothing here is erased or corrected on request, and each dataset says why.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from shared.connectors._shape import Shape
from shared.connectors._stores import Stores
from shared.connectors._ways import Words, check_dataset, check_service, refusal
from shared.domain.data_map import Dataset, Service
from shared.domain.errors import DataMapInvalid, Permanent
from shared.domain.identity import EMAIL, OBJECT_ID, Identifier
from shared.ports.connector import Counted, Erased, Page, Record, Rectified

if TYPE_CHECKING:
    from shared.use_cases.own_records import OwnRecords

type Search = Callable[["OwnRecords", Sequence[Identifier]], Awaitable[list[Record]]]

STORE = "own"
UNSEARCHED = "unsearched"  # kept by the number of a request or a counter alone: who somebody is leads nowhere
NUMBER = "request_number"  # what leads there, and is of use to nobody who asks
SEARCHES: Mapping[str, Search] = {
    "cases": lambda own, identifiers: own.cases(identifiers),
    "consents": lambda own, identifiers: own.consented(identifiers),
    "limits": lambda own, identifiers: own.limits(identifiers),
    "account-events": lambda own, identifiers: own.signs(identifiers),
}
VOCABULARY = {"reference": Words(), "number": Words()}


class OwnRecordsConnector:
    """Finds and exports. A dataset's `records` says which."""

    kind: ClassVar[str] = "own_records"

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def check(self, service: Service, dataset: Dataset) -> None:
        """See the port."""
        check_service(service)
        if service.settings["store"] != STORE:
            raise DataMapInvalid(f"service {service.id}: settings: store: `{STORE}` is the only one")
        check_dataset(dataset, VOCABULARY, "records")
        records = dataset.settings["records"]
        if records not in {*SEARCHES, UNSEARCHED}:
            known = ", ".join(sorted([*SEARCHES, UNSEARCHED]))
            raise refusal(dataset, "settings: records", f"known are {known}")
        searched = records in SEARCHES
        kinds, how, use = (
            ({EMAIL, OBJECT_ID}, "reference", "export") if searched else ({NUMBER}, "number", "resolution")
        )
        for way in dataset.found_by:
            if way.identifier not in kinds or (way.how, way.use) != (how, use):
                raise refusal(dataset, f"how: {way.how}", "is not how these records are found")
        if dataset.tenancy != "none":
            raise refusal(dataset, "tenancy", "these are Spinpanel's own")
        if searched and dataset.erasure.action != "retain":
            raise refusal(dataset, "erasure", "these are retained, and the ground is named")
        if any(one.rectify != "no" for one in dataset.fields):
            raise refusal(dataset, "fields", "these are records of what was, which nobody corrects")

    async def export(
        self,
        service: Service,  # noqa: ARG002 - there is one place
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        position: str | None = None,  # noqa: ARG002 - it is one step
    ) -> AsyncIterator[Page]:
        """See the port."""
        yield Page(records=await self._found(dataset, identifiers))

    async def count(
        self,
        service: Service,  # noqa: ARG002
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        position: str | None = None,  # noqa: ARG002
    ) -> AsyncIterator[Counted]:
        """See the port."""
        yield Counted(count=len(await self._found(dataset, identifiers)))

    def erase(self, *_: object, **__: object) -> AsyncIterator[Erased]:
        """Refuse: what is here is retained."""
        raise Permanent("retained")

    def rectify(self, *_: object, **__: object) -> AsyncIterator[Rectified]:
        """Refuse: what is here is a record of what was."""
        raise Permanent("not_correctable")

    async def _found(self, dataset: Dataset, identifiers: Sequence[Identifier]) -> list[Record]:
        search = SEARCHES.get(dataset.settings["records"])
        asked = [one for one in identifiers if dataset.is_opened_by(one.kind)]
        if search is None or not asked:
            return []
        shape = Shape(dataset)
        return [shape.document(one) for one in await search(self._stores.own(), asked)]


CONNECTOR = OwnRecordsConnector
