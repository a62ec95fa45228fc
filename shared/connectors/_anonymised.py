"""What is left of a record that is anonymised: the fields the map keeps, constants and months, and nothing else."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.connectors._ways import refusal
from shared.domain.data_map import Dataset
from shared.domain.json_path import parse_json

ERASED = "[erased]"
_GONE = object()
_DATE = len("2026-11-01")


@dataclass(slots=True)
class _Node:
    """One step of the fields' dotted names. `leaves` says whether anything at or below it stays."""

    action: str | None = None
    leaves: bool = False
    below: dict[str, "_Node"] = field(default_factory=dict)


class Anonymised:
    """Anonymises the records of one dataset."""

    def __init__(self, dataset: Dataset) -> None:
        self._below: dict[str, _Node] = {}
        for one in dataset.fields:
            below, node = self._below, _Node()
            for name in one.name.split("."):
                node = below.setdefault(name, _Node())
                node.leaves |= one.anonymise != "remove"
                below = node.below
            node.action = one.anonymise
        self.columns = sorted(name for name, node in self._below.items() if node.leaves)

    def document(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Anonymise JSON."""
        return _of_object(document, self._below)

    def column(self, name: str, value: Any) -> Any:
        """Anonymise a column's value, JSON text where only parts of it are named; None leaves nothing of it."""
        node = self._below[name]
        if node.below and node.action != "constant" and isinstance(value, str):
            try:
                left = _left(parse_json(value), node)
            except ValueError:
                return None
            return None if left is _GONE else json.dumps(left)
        left = _left(value, node)
        return None if left is _GONE else left


def month_of(text: str) -> str | None:
    """Cut an ISO 8601 time to the month it has in UTC, a date to its first day; None where it is neither."""
    try:
        at = datetime.fromisoformat(text)
        first = (at.astimezone(UTC) if at.tzinfo else at).date().replace(day=1).isoformat()
    except (ValueError, OverflowError):
        return None
    return first if len(text) <= _DATE else f"{first}T00:00:00Z"


def check_anonymised(dataset: Dataset, ways: Iterable[tuple[str, str]]) -> None:
    """Refuse to keep what records are found by: they would be found again. `ways` are each a `how` and a dotted path.

    Raises:
        DataMapInvalid: names the dataset and the way.
    """
    kept = [one.name for one in dataset.fields if one.anonymise == "keep"]
    for how, path in ways:
        if any(f"{path}.".startswith(f"{name}.") for name in kept):
            raise refusal(dataset, f"how: {how}", "finds by a field that anonymising keeps")


def _left(value: Any, node: _Node) -> Any:
    if value is None or not node.leaves:
        return _GONE
    if node.action == "constant":
        return ERASED
    if isinstance(value, list):
        return [left for one in value if (left := _left(one, node)) is not _GONE]
    if isinstance(value, dict) and node.below:
        kept = {name: one for name, one in value.items() if name not in node.below} if node.action == "keep" else {}
        return kept | _of_object(value, node.below)
    if node.action == "keep":
        return value
    month = month_of(value) if node.action == "month" and isinstance(value, str) else None
    return month or _GONE


def _of_object(value: Mapping[str, Any], below: Mapping[str, _Node]) -> dict[str, Any]:
    told = ((name, _left(value[name], node)) for name, node in below.items() if name in value)
    return {name: left for name, left in told if left is not _GONE}
