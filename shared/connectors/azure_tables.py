"""Azure Tables: rows found by key, by a property, inside JSON text, or by a resource's name.

Positions hold the service's own continuation, which carries keys.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shared.connectors._failures import azure_failures
from shared.connectors._position import parts_of, position_of
from shared.connectors._shape import Shape
from shared.connectors._stores import Stores
from shared.connectors._table_rows import RawRows
from shared.connectors._table_search import VOCABULARY, Query, Row, Search, check_columns, searches
from shared.connectors._ways import check_dataset, check_service
from shared.domain.data_map import Dataset, Service
from shared.domain.identity import Identifier
from shared.ports.connector import Page, Record

if TYPE_CHECKING:
    from azure.data.tables.aio import TableClient

type Token = Mapping[str, Any]


class AzureTables:
    """Finds and exports rows."""

    kind: ClassVar[str] = "azure_tables"

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def check(self, service: Service, dataset: Dataset) -> None:
        """See the port."""
        check_service(service)
        check_dataset(dataset, VOCABULARY, "table")
        check_columns(dataset)

    async def export(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: str | None = None
    ) -> AsyncIterator[Page]:
        """See the port."""
        table = self._stores.tables(service.settings["store"]).get_table_client(dataset.settings["table"])
        planned = searches(dataset, identifiers)
        steps = [(number, query) for number, search in enumerate(planned) for query in search.queries]
        start, token = parts_of(position, 2) if position else (0, None)
        shape = Shape(dataset)
        if start >= len(steps):
            yield Page()
        for step in range(start, len(steps)):
            number, query = steps[step]
            keeper = _Keeper(shape, planned[: number + 1])
            after = position_of(step + 1, None) if step + 1 < len(steps) else None
            async for rows, following in _pages(table, query, keeper.columns, token if step == start else None):
                records, unreadable = keeper.keep(rows)
                goes_on = position_of(step, following) if following else after
                yield Page(records=records, unreadable=unreadable, position=goes_on)


class _Keeper:
    """Keeps the rows that the last of these searches finds and no earlier one has, in the dataset's shape."""

    def __init__(self, shape: Shape, planned: Sequence[Search]) -> None:
        self._shape = shape
        *self._earlier, self._own = planned
        self._as_they_come = self._own.exact and not self._earlier
        asked = set(shape.columns).union(*([] if self._as_they_come else [search.reads for search in planned]))
        self.columns = sorted(asked)

    def keep(self, rows: Sequence[Row]) -> tuple[list[Record], int]:
        """Return the records, and how many rows could not be read."""
        records: list[Record] = []
        unreadable = 0
        for row in rows:
            try:
                if self._as_they_come or self._is_new(row):
                    records.append(self._shape.row(row))
            except ValueError:
                unreadable += 1
        return records, unreadable

    def _is_new(self, row: Row) -> bool:
        return self._own.finds(row) and not any(_surely(search, row) for search in self._earlier)


def _surely(search: Search, row: Row) -> bool:
    try:
        return search.finds(row)
    except ValueError:
        return False


async def _pages(
    table: "TableClient", query: Query, columns: list[str], token: Token | None
) -> AsyncIterator[tuple[Sequence[Row], Token | None]]:
    raw = RawRows()
    pages = table.query_entities(
        query.filter, parameters=dict(query.parameters), select=columns, **raw.options
    ).by_page(token)  # type: ignore[arg-type]  # a mapping here, where the base class says text
    while True:
        with azure_failures():
            if await anext(pages, None) is None:
                return
        yield raw.take(), pages.continuation_token  # type: ignore[attr-defined]


CONNECTOR = AzureTables
