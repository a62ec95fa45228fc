"""What is written where rows are erased: their deletion, or what is left of them."""

from typing import Any

from shared.connectors._anonymised import ERASED, Anonymised
from shared.connectors._stores import Write
from shared.connectors._table_rows import ETAG
from shared.connectors._table_search import Row
from shared.connectors._table_writing import KEYS


def erasing(row: Row, anonymised: Anonymised | None) -> Write:
    """Return the write that erases a row."""
    keys = {"PartitionKey": row["PartitionKey"], "RowKey": row["RowKey"]}
    if anonymised is None:
        return "delete", keys, row[ETAG]
    return "replace", keys | _properties(row, anonymised), row[ETAG]


def _properties(row: Row, anonymised: Anonymised) -> dict[str, Any]:
    left: dict[str, Any] = {}
    for name in anonymised.columns:
        kind, before = row.get(f"{name}@odata.type"), row.get(name)
        after = None if name in KEYS or name == "Timestamp" else anonymised.column(name, before)
        if after is None or (kind not in {None, "Edm.DateTime"} and after not in {before, ERASED}):
            continue
        left[name] = after
        if kind is not None and after != ERASED:
            left[f"{name}@odata.type"] = kind
    return left
