"""Going through planned searches query by query, page by page, from a position on."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.connectors._position import parts_of, position_of
from shared.connectors._table_rows import PLAIN, pages_of
from shared.connectors._table_search import Row, Search

if TYPE_CHECKING:
    from azure.data.tables.aio import TableClient


class Keeper:
    """Keeps the rows that the last of these searches finds and no earlier one has. `columns` are what it asks for."""

    def __init__(self, planned: Sequence[Search], columns: Iterable[str]) -> None:
        *self._earlier, self._own = planned
        self._as_they_come = self._own.exact and not self._earlier
        self.columns = set(columns).union(*([] if self._as_they_come else [search.reads for search in planned]))

    def keep(self, rows: Sequence[Row]) -> tuple[Sequence[Row], int]:
        """Return the rows, and of how many nobody can tell whose they are."""
        if self._as_they_come:
            return rows, 0
        kept: list[Row] = []
        unreadable = 0
        for row in rows:
            try:
                if self._own.finds(row) and not any(finds(search, row) for search in self._earlier):
                    kept.append(row)
            except ValueError:
                unreadable += 1
        return kept, unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One page of what is found, by which search, and where to go on."""

    search: Search
    rows: Sequence[Row]
    unreadable: int
    position: str | None


async def walk(
    table: "TableClient",
    planned: Sequence[Search],
    position: str | None,
    keeper_of: Callable[[int], Keeper],
    accept: str = PLAIN,
) -> AsyncIterator[Step]:
    """Yield a step for every page; none at all when there is nothing left to ask."""
    queries = [(number, query) for number, search in enumerate(planned) for query in search.queries]
    start, token = parts_of(position, 2) if position else (0, None)
    for at in range(start, len(queries)):
        number, query = queries[at]
        keeper = keeper_of(number)
        after = position_of(at + 1, None) if at + 1 < len(queries) else None
        async for page, following in pages_of(table, query, keeper.columns, token if at == start else None, accept):
            rows, unreadable = keeper.keep(page)
            goes_on = position_of(at, following) if following else after
            yield Step(search=planned[number], rows=rows, unreadable=unreadable, position=goes_on)


def finds(search: Search, row: Row) -> bool:
    """Tell whether a search surely finds a row: not where the row cannot be read."""
    try:
        return search.finds(row)
    except ValueError:
        return False
