"""SQL databases: rows of one table found by the value of a column, worked on in the order of their keys.

Positions hold the last key that was worked on.
"""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shared.connectors._correcting import must_be_found, reading
from shared.connectors._position import parts_of, position_of
from shared.connectors._sql_map import check_table
from shared.connectors._stores import Stores
from shared.connectors._ways import check_service, wanted
from shared.domain.data_map import Dataset, Service
from shared.domain.identity import Identifier
from shared.ports.connector import Counted, Erased, Erasure, Page, Rectification, Rectified

if TYPE_CHECKING:
    from shared.connectors._sql_rows import SqlRows


class Sql:
    """Finds, exports, erases and corrects rows. What a database needs is loaded at the first call to one."""

    kind: ClassVar[str] = "sql"

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def check(self, service: Service, dataset: Dataset) -> None:
        """See the port."""
        check_service(service)
        check_table(dataset)

    async def export(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: str | None = None
    ) -> AsyncIterator[Page]:
        """See the port."""
        rows = await self._rows(service, dataset, identifiers)
        after = _after(rows, position)
        async for records, unreadable, last in rows.records(dataset, after):
            yield Page(records=records, unreadable=unreadable, position=_position(last))

    async def count(
        self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier], position: str | None = None
    ) -> AsyncIterator[Counted]:
        """See the port. One step: the database counts."""
        rows = await self._rows(service, dataset, identifiers)
        _after(rows, position)
        yield Counted(count=await rows.count())

    async def erase(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        erasure: Erasure,
        position: str | None = None,
    ) -> AsyncIterator[Erased]:
        """See the port."""
        rows = await self._rows(service, dataset, identifiers)
        after = _after(rows, position)
        steps = rows.deletions(erasure, after) if erasure.action == "delete" else rows.changes(dataset, erasure, after)
        async for count, last in steps:
            yield Erased(count=count, position=_position(last))

    async def rectify(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        rectification: Rectification,
        position: str | None = None,
    ) -> AsyncIterator[Rectified]:
        """See the port."""
        still = reading(dataset, rectification.values, lambda way: way.at["column"])
        rows = await self._rows(service, dataset, identifiers)
        after = _after(rows, position)
        if still.found_by != dataset.found_by:
            must_be_found(not await rows.lost_without(wanted(still, identifiers)))
        async for count, last in rows.corrections(dataset, rectification, after):
            yield Rectified(count=count, position=_position(last))

    async def _rows(self, service: Service, dataset: Dataset, identifiers: Sequence[Identifier]) -> "SqlRows":
        from shared.connectors._sql_rows import open_rows

        engine = self._stores.sql(service.settings["store"])
        return await open_rows(engine, dataset, wanted(dataset, identifiers))


def _after(rows: "SqlRows", position: str | None) -> Any:
    return rows.table.key_of(parts_of(position, 2)[1]) if position else None


def _position(last: Sequence[Any] | None) -> str | None:
    return position_of(0, last) if last is not None else None


CONNECTOR = Sql
