"""Azure Tables: rows found by key, by a property, inside JSON text, or by a resource's name.

Positions hold the service's own continuation, which carries keys.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from shared.connectors._anonymised import Anonymised
from shared.connectors._correcting import must_be_found, reading
from shared.connectors._shape import Shape
from shared.connectors._stores import Stores, Write
from shared.connectors._table_erasing import erasing
from shared.connectors._table_rectifying import Correcting
from shared.connectors._table_rows import ANNOTATED
from shared.connectors._table_search import VOCABULARY, Row, check_columns, check_found_by_properties, searches
from shared.connectors._table_walk import Keeper, finds, walk
from shared.connectors._table_writing import KEYS, RowWriter
from shared.connectors._ways import check_dataset, check_service
from shared.domain.data_map import Dataset, FoundBy, Service
from shared.domain.identity import Identifier
from shared.ports.connector import Counted, Erased, Erasure, Page, Record, Rectification, Rectified

if TYPE_CHECKING:
    from azure.data.tables.aio import TableClient


class AzureTables:
    """Finds, exports and erases rows."""

    kind: ClassVar[str] = "azure_tables"

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def check(self, service: Service, dataset: Dataset) -> None:
        """See the port."""
        check_service(service)
        check_dataset(dataset, VOCABULARY, "table")
        check_columns(dataset)
        if dataset.erasure.action == "anonymise":
            check_found_by_properties(dataset)

    async def export(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: str | None = None
    ) -> AsyncIterator[Page]:
        """See the port."""
        planned, shape = searches(dataset, identifiers), Shape(dataset)
        last = None
        async for last in walk(
            self._table(service, dataset),
            planned,
            position,
            lambda number: Keeper(planned[: number + 1], shape.columns),
        ):
            records, unreadable = _shaped(shape, last.rows)
            yield Page(records=records, unreadable=unreadable + last.unreadable, position=last.position)
        if last is None:
            yield Page()

    async def count(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: str | None = None
    ) -> AsyncIterator[Counted]:
        """See the port."""
        planned = searches(dataset, identifiers)
        last = None
        async for last in walk(
            self._table(service, dataset), planned, position, lambda number: Keeper(planned[: number + 1], ["RowKey"])
        ):
            yield Counted(count=len(last.rows), position=last.position)
        if last is None:
            yield Counted()

    async def erase(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        erasure: Erasure,
        position: str | None = None,
    ) -> AsyncIterator[Erased]:
        """See the port."""
        planned, table = searches(dataset, identifiers), self._table(service, dataset)
        transactions = self._stores.transactions(service.settings["store"], dataset.settings["table"])
        anonymised = Anonymised(dataset) if erasure.action == "anonymise" else None
        columns = KEYS.union(anonymised.columns if anonymised else ())
        last = None
        async for last in walk(
            table, planned, position, lambda number: Keeper([planned[number]], columns), accept=ANNOTATED
        ):
            count = 0
            if last.rows:
                await erasure.may_proceed()
                writer = RowWriter(table, transactions, last.search, columns, lambda row: erasing(row, anonymised))
                count = await writer.write(last.rows)
            yield Erased(count=count, unreadable=last.unreadable, position=last.position)
        if last is None:
            yield Erased()

    async def rectify(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        rectification: Rectification,
        position: str | None = None,
    ) -> AsyncIterator[Rectified]:
        """See the port."""
        planned, table = searches(dataset, identifiers), self._table(service, dataset)
        transactions = self._stores.transactions(service.settings["store"], dataset.settings["table"])
        correcting = Correcting(rectification.values)
        still = searches(reading(dataset, rectification.values, _field_of), identifiers)
        columns = KEYS.union(correcting.columns, *(search.reads for search in still))

        def write(row: Row) -> Write | None:
            must_be_found(any(finds(search, row) for search in still))
            return correcting.write(row)

        last = None
        async for last in walk(
            table, planned, position, lambda number: Keeper(planned[: number + 1], columns), accept=ANNOTATED
        ):
            count = 0
            if last.rows:
                await rectification.may_proceed()
                count = await RowWriter(table, transactions, last.search, columns, write).write(last.rows)
            yield Rectified(count=count, position=last.position)
        if last is None:
            yield Rectified()

    def _table(self, service: Service, dataset: Dataset) -> "TableClient":
        return self._stores.tables(service.settings["store"]).get_table_client(dataset.settings["table"])


def _field_of(way: FoundBy) -> str:
    return ".".join(way.at[name] for name in ("property", "path") if name in way.at)


def _shaped(shape: Shape, rows: Iterable[Row]) -> tuple[list[Record], int]:
    records: list[Record] = []
    unreadable = 0
    for row in rows:
        try:
            records.append(shape.row(row))
        except ValueError:
            unreadable += 1
    return records, unreadable


CONNECTOR = AzureTables
