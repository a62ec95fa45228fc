"""What is written where rows are corrected: the properties that change, each in the type that it has."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.connectors._correcting import IS_A_KEY, by_column, touches
from shared.connectors._stores import Write
from shared.connectors._table_rows import ETAG
from shared.connectors._table_search import Row
from shared.connectors._table_writing import KEYS
from shared.domain.corrected_values import NOT_FITTING, fitted, instant
from shared.domain.errors import Permanent
from shared.domain.json_editing import edited

_LARGEST = {"Edm.Int32": 2**31, "Edm.Int64": 2**63}
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class Correcting:
    """Corrects rows of one dataset."""

    def __init__(self, values: Mapping[str, str]) -> None:
        """Plan it.

        Raises:
            Permanent: `field_is_a_key`.
        """
        if any(touches(values, name) for name in (*KEYS, "Timestamp")):
            raise Permanent(IS_A_KEY)
        self._changes = by_column(values)
        self.columns = frozenset(self._changes)

    def write(self, row: Row) -> Write | None:
        """Return what is to be written, None where the row says so already.

        Raises:
            Permanent: `value_does_not_fit`.
        """
        changed: dict[str, Any] = {}
        for name, inside in self._changes.items():
            changed |= _changed(name, row.get(name), row.get(f"{name}@odata.type"), inside)
        if not changed:
            return None
        return "merge", {"PartitionKey": row["PartitionKey"], "RowKey": row["RowKey"]} | changed, row[ETAG]


def _changed(name: str, before: Any, kind: str | None, inside: Mapping[str, str]) -> dict[str, Any]:
    after, paths = before, {path: value for path, value in inside.items() if path}
    if "" in inside:
        after, kind = _typed(inside[""], before, kind)
    if paths:
        if not isinstance(after, str | None) or kind is not None:
            raise Permanent(NOT_FITTING)
        try:
            after = edited(after or "{}", paths)
        except ValueError:
            raise Permanent(NOT_FITTING) from None
    if after == before:
        return {}
    return {name: after} | ({f"{name}@odata.type": kind} if kind else {})


def _typed(text: str, before: Any, kind: str | None) -> tuple[Any, str | None]:
    """Return a value and its annotation; of what JSON has a type for there is none in a row."""
    match kind:
        case "Edm.Int64":
            return str(_whole(text, kind)), kind
        case "Edm.DateTime":
            return _moment(text, before), kind
        case "Edm.Guid" if _GUID.fullmatch(text):
            return (before if UUID(text) == UUID(before) else str(UUID(text))), kind
        case "Edm.Double":
            return fitted(text, 0.0), kind
        case None if isinstance(before, int) and not isinstance(before, bool):
            return _whole(text, "Edm.Int32"), "Edm.Int32"
        case None if isinstance(before, float):
            return fitted(text, before), "Edm.Double"
        case None if isinstance(before, bool | str | None):
            return fitted(text, before), None
    raise Permanent(NOT_FITTING)


def _whole(text: str, kind: str) -> int:
    number: int = fitted(text, 0)
    if not -_LARGEST[kind] <= number < _LARGEST[kind]:
        raise Permanent(NOT_FITTING)
    return number


def _moment(text: str, before: str) -> str:
    at = instant(text)
    if at is None:
        raise Permanent(NOT_FITTING)
    if at == instant(before):
        return before
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
