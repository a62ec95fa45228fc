"""What to ask a table for, and which of its rows are truly found."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from shared.connectors._anonymised import check_anonymised
from shared.connectors._ways import Wanted, Words, refusal, wanted
from shared.domain.data_map import Dataset
from shared.domain.identity import Identifier
from shared.domain.json_path import parse_json, strings_at

type Row = Mapping[str, Any]

PROPERTY_NAME = re.compile(r"[A-Za-z_]\w{0,254}")
COMPARISONS = 10  # the service takes fifteen in one filter
BOUND = frozenset({"partition"})
VOCABULARY = {
    "partition_key": Words(needs=frozenset({"key"}), bounds=frozenset({"key"})),
    "row_key": Words(needs=frozenset({"partition", "key"}), bounds=frozenset({"partition", "key"})),
    "property": Words(needs=frozenset({"property"}), takes=frozenset({"partition", "fold"}), bounds=BOUND),
    "json": Words(needs=frozenset({"property", "path"}), takes=frozenset({"partition", "fold"}), bounds=BOUND),
    "name": Words(needs=frozenset({"property"}), takes=BOUND, bounds=BOUND),
}


@dataclass(frozen=True, slots=True)
class Query:
    """One filter; its values stand apart from it."""

    filter: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One way of finding. `queries` bring every row it finds once, and where it is not `exact` others too."""

    queries: tuple[Query, ...]
    reads: frozenset[str]
    finds: Callable[[Row], bool]
    """Raises ValueError when the row holds JSON text that cannot be read."""
    exact: bool


def searches(dataset: Dataset, identifiers: Sequence[Identifier]) -> list[Search]:
    """Plan the searches for these identifiers; ways that read the same rows through become one."""
    planned: list[Search] = []
    for one in wanted(dataset, identifiers):
        search = _inside_tenant(dataset, one, _search(one))
        twin = next((n for n, held in enumerate(planned) if not held.exact and held.queries == search.queries), None)
        if twin is None or search.exact:
            planned.append(search)
        else:
            planned[twin] = _either(planned[twin], search)
    return planned


def check_columns(dataset: Dataset) -> None:
    """Refuse names that cannot be a table's properties.

    Raises:
        DataMapInvalid: names the dataset and the setting.
    """
    for way in dataset.found_by:
        if "property" in way.at and not PROPERTY_NAME.fullmatch(way.at["property"]):
            raise refusal(dataset, f"how: {way.how}: at.property", "not the name of a property")
    for name in {field.name.partition(".")[0] for field in dataset.fields} | {dataset.tenant_field or "_"}:
        if not PROPERTY_NAME.fullmatch(name):
            raise refusal(dataset, "fields, tenant_field", "hold what is not the name of a property")


def check_found_by_properties(dataset: Dataset) -> None:
    """Refuse to anonymise rows that would be found again: by their keys, or by what is kept.

    Raises:
        DataMapInvalid: names the dataset and the way.
    """
    for way in dataset.found_by:
        if "key" in way.at or "{value}" in way.at.get("partition", ""):
            raise refusal(dataset, f"how: {way.how}", "a key says whose the row is, and no key can be anonymised")
    paths = [
        (way.how, ".".join(way.at[name] for name in ("property", "path") if name in way.at)) for way in dataset.found_by
    ]
    check_anonymised(dataset, paths)


def _search(one: Wanted) -> Search:
    if one.way.how == "partition_key":
        keys = {one.fill("key", value): None for value in one.values}
        return Search(
            queries=tuple(_within(key) for key in keys),
            reads=frozenset({"PartitionKey"}),
            finds=lambda row: row["PartitionKey"] in keys,
            exact=True,
        )
    if one.way.how == "row_key":
        pairs = {(one.fill("partition", value), one.fill("key", value)): None for value in one.values}
        return Search(
            queries=tuple(_within(partition, " and RowKey eq @row", {"row": key}) for partition, key in pairs),
            reads=frozenset({"PartitionKey", "RowKey"}),
            finds=lambda row: (row["PartitionKey"], row["RowKey"]) in pairs,
            exact=True,
        )
    partitioned = _by_partition(one)
    if one.way.how == "property" and "fold" not in one.way.at:
        queries = [
            _equal(one.way.at["property"], partition, chunk)
            for partition, values in partitioned.items()
            for chunk in batched(sorted(values), COMPARISONS, strict=False)
        ]
    else:
        queries = [_within(partition) for partition in partitioned]
    return Search(
        queries=tuple(queries),
        reads=frozenset({"PartitionKey", one.way.at["property"]}),
        finds=_reader(one, partitioned),
        exact=one.way.how == "property" and "fold" not in one.way.at,
    )


def _by_partition(one: Wanted) -> dict[str | None, set[str]]:
    folds = one.way.how == "name" or "fold" in one.way.at
    partitioned: dict[str | None, set[str]] = {}
    for value in one.values:
        partition = one.fill("partition", value) if "partition" in one.way.at else None
        partitioned.setdefault(partition, set()).add(value.lower() if folds else value)
    return partitioned


def _reader(one: Wanted, partitioned: Mapping[str | None, set[str]]) -> Callable[[Row], bool]:
    """Compare what one property holds with the values that are looked for in the row's partition."""
    at, how = one.way.at, one.way.how
    anywhere, folds = "partition" not in at, how == "name" or "fold" in at

    def held(text: str) -> Iterator[str]:
        if how == "json":
            return strings_at(parse_json(text), at["path"])
        return iter(text.split("/") if how == "name" else (text,))

    def finds(row: Row) -> bool:
        values = partitioned.get(None if anywhere else row["PartitionKey"])
        text = row.get(at["property"])
        if not values or not isinstance(text, str):
            return False
        return any((value.lower() if folds else value) in values for value in held(text))

    return finds


def _inside_tenant(dataset: Dataset, one: Wanted, search: Search) -> Search:
    """Ask each row for its tenant too, where it names one: a key alone is not trusted."""
    column = dataset.tenant_field
    if one.tenant is None or column is None:
        return search

    def finds(row: Row) -> bool:
        return str(row.get(column) or "").lower() == one.tenant and search.finds(row)

    return Search(queries=search.queries, reads=search.reads | {column}, finds=finds, exact=False)


def _either(one: Search, other: Search) -> Search:
    def finds(row: Row) -> bool:
        try:
            if one.finds(row):
                return True
        except ValueError:
            if other.finds(row):
                return True
            raise
        return other.finds(row)

    return Search(queries=one.queries, reads=one.reads | other.reads, finds=finds, exact=False)


def _within(partition: str | None, more: str = "", parameters: Mapping[str, str] | None = None) -> Query:
    if partition is None:
        return Query("PartitionKey ge @partition", {"partition": ""})
    return Query(f"PartitionKey eq @partition{more}", {"partition": partition, **(parameters or {})})


def _equal(column: str, partition: str | None, values: Sequence[str]) -> Query:
    parameters = {f"v{number}": value for number, value in enumerate(values)}
    either = " or ".join(f"{column} eq @{name}" for name in parameters)
    if partition is None:
        return Query(either, parameters)
    return _within(partition, f" and ( {either} )", parameters)
