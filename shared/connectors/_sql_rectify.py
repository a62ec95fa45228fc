"""What a row's columns become when it is corrected: each in the type that it has."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.connectors._correcting import IS_A_KEY, by_column
from shared.connectors._sql_columns import TEXTS, Column, Kind
from shared.connectors._sql_map import keys_of
from shared.connectors._sql_table import SqlTable
from shared.domain.corrected_values import NOT_FITTING, fitted, instant
from shared.domain.data_map import Dataset
from shared.domain.errors import Permanent
from shared.domain.json_editing import edited


class Correcting:
    """Corrects rows of one table. `columns` are what it reads of a row."""

    def __init__(self, dataset: Dataset, table: SqlTable, values: Mapping[str, str]) -> None:
        """Plan it.

        Raises:
            Permanent: `field_is_a_key`; `column_missing`; `column_derived`, the database computes it.
        """
        self._changes = by_column(values)
        if not self._changes.keys().isdisjoint(keys_of(dataset)):
            raise Permanent(IS_A_KEY)
        self._held = [table.column(name) for name in self._changes]
        if any(one.derived for one in self._held):
            raise Permanent("column_derived")
        self.columns = [table.readable(one.name) for one in self._held]

    def after(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """Return what the values that `columns` hold in a row become.

        Raises:
            Permanent: `value_does_not_fit`.
        """
        return tuple(
            _corrected(one, value, self._changes[one.name]) for one, value in zip(self._held, row, strict=True)
        )

    def values(self, after: Sequence[Any]) -> Mapping[str, Any]:
        """Return what a row's columns are set to."""
        return {one.name: value for one, value in zip(self._held, after, strict=True)}

    def still(self, row: Sequence[Any]) -> Mapping[str, str]:
        """Return the columns that may not have changed since they were read: those of which only a part does."""
        inside = {name for name, changes in self._changes.items() if changes.keys() - {""}}
        return {one.name: value for one, value in zip(self._held, row, strict=True) if one.name in inside and value}


def _corrected(column: Column, before: Any, changes: Mapping[str, str]) -> Any:
    after, paths = before, {path: value for path, value in changes.items() if path}
    if "" in changes:
        after = _typed(column, before, changes[""])
    if paths:
        if column.kind not in {*TEXTS, Kind.JSON} or not isinstance(after, str | None):
            raise Permanent(NOT_FITTING)
        try:
            after = edited(after or "{}", paths)
        except ValueError:
            raise Permanent(NOT_FITTING) from None
    return after


def _typed(column: Column, before: Any, text: str) -> Any:
    kind = column.kind
    if kind in {Kind.INTEGER, Kind.UUID}:
        after = column.comparable(text)
    elif kind in {Kind.DATE, Kind.INSTANT, Kind.LOCAL_TIME}:
        after = _moment(kind, text)
    elif kind in TEXTS:
        after = fitted(text, before)
    elif kind is Kind.PLAIN:
        after = _decimal(text) if isinstance(before, Decimal) else None if before is None else fitted(text, before)
    else:
        after = None
    if after is None:
        raise Permanent(NOT_FITTING)
    return after


def _moment(kind: Kind, text: str) -> date | datetime | None:
    if kind is Kind.DATE:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    at = instant(text)
    return at if at is None or kind is Kind.INSTANT else at.astimezone(UTC).replace(tzinfo=None)


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
