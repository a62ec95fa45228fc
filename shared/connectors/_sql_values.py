"""Values of a database in JSON types, without loss."""

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from shared.connectors._shape import Shape
from shared.connectors._sql_columns import Kind
from shared.connectors._sql_table import SqlTable
from shared.domain.json_path import parse_json
from shared.ports.connector import Record

_SAFE = 2**53  # what every reader of JSON takes for a whole number


class Reader:
    """Reads a dataset's records out of rows."""

    def __init__(self, table: SqlTable, shape: Shape) -> None:
        self._shape = shape
        self.columns = [table.readable(name) for name in shape.columns]
        self._held = [(name, _BY_KIND.get(table.column(name).kind, in_json)) for name in shape.columns]

    def records(self, rows: Sequence[Sequence[Any]]) -> tuple[list[Record], int]:
        """Return the records of rows that hold a value for each column, and how many could not be read."""
        records: list[Record] = []
        unreadable = 0
        for row in rows:
            try:
                told: Mapping[str, Any] = {
                    name: as_told(value)
                    for (name, as_told), value in zip(self._held, row, strict=True)
                    if value is not None
                }
                records.append(self._shape.row(told))
            except ValueError:
                unreadable += 1
        return records, unreadable


def in_json(value: Any) -> Any:
    """Return a value in JSON types; times without a zone are taken to be in UTC."""
    if isinstance(value, str | bool):
        return value
    convert = _BY_TYPE.get(type(value))
    return convert(value) if convert else str(value)


def _instant(value: datetime) -> str:
    return (value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None).isoformat() + "Z"


def _from_text(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return _instant(datetime.fromisoformat(value))
        except ValueError:
            return value
    return in_json(value)


def _from_json(value: Any) -> Any:
    return parse_json(value) if isinstance(value, str) else in_json(value)


_BY_TYPE: dict[type, Callable[[Any], Any]] = {
    int: lambda value: value if -_SAFE <= value <= _SAFE else str(value),
    float: lambda value: value if math.isfinite(value) else str(value),
    bytes: lambda value: base64.b64encode(value).decode(),
    datetime: _instant,
    date: date.isoformat,
    time: time.isoformat,
}
_BY_KIND = {Kind.TIME_TEXT: _from_text, Kind.JSON: _from_json, Kind.OTHER: _from_json}
