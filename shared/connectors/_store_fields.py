"""Which fields stores really hold, dataset by dataset: for comparing them with the data map. No value is kept.

Of rows, documents and lines only samples are read; a database tells all of its columns itself.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from shared.connectors._failures import azure_failures
from shared.connectors._stores import Stores
from shared.domain.data_map import Dataset, Service
from shared.domain.json_path import Tree, parse_json, tree_of

SAMPLE = 200  # rows or lines of a dataset
MOST_BLOBS = 20
MOST_BYTES = 256 * 1024  # of one blob
_KEYS = frozenset({"PartitionKey", "RowKey", "Timestamp"})


async def unnamed_fields(stores: Stores, service: Service, dataset: Dataset) -> set[str] | None:
    """Return the fields that a store holds and the dataset does not name; None where the system cannot be asked.

    Raises:
        Transient, Permanent: the store could not be read.
    """
    match service.connector:
        case "azure_tables":
            records = _rows(stores, service, dataset)
        case "azure_blobs" if dataset.found_by[0].how in {"json", "line"}:
            records = _documents(stores, service, dataset)
        case "sql":
            return await _columns(stores, service, dataset) - _named(dataset)
        case _:
            return None
    tree, named, found = tree_of(one.name for one in dataset.fields), _named(dataset), set[str]()
    async for record in records:
        found |= {path for path in _unnamed(record, tree) if path not in named}
    return found


def _named(dataset: Dataset) -> set[str]:
    """Return every field that the map names: as a field, as what is searched, as a key or as the tenant."""
    searched = {way.at[word] for way in dataset.found_by for word in ("property", "column") if word in way.at}
    paths = {way.at["path"].partition(".")[0] for way in dataset.found_by if "path" in way.at and way.how == "line"}
    keys = {name.strip() for name in dataset.settings.get("key", "").split(",")}
    tenant = {dataset.tenant_field} if dataset.tenant_field else set()
    return {one.name for one in dataset.fields} | searched | paths | keys | tenant


def _unnamed(record: Mapping[str, Any], tree: Tree, above: str = "") -> Iterator[str]:
    """Yield the paths of a record that no named field is or holds."""
    for name, value in record.items():
        below = tree.get(name)
        if name not in tree:
            yield f"{above}{name}"
        elif below is not None:
            yield from _unnamed(_inside(value), below, f"{above}{name}.")


def _inside(value: Any) -> Mapping[str, Any]:
    """Return the object that a value is or, as a text, holds; an empty one where it is none."""
    try:
        inner = parse_json(value) if isinstance(value, str) else value
    except ValueError:
        return {}
    return inner if isinstance(inner, dict) else {}


async def _rows(stores: Stores, service: Service, dataset: Dataset) -> AsyncIterator[Mapping[str, Any]]:
    table = stores.tables(service.settings["store"]).get_table_client(dataset.settings["table"])
    with azure_failures():
        pages = table.list_entities(results_per_page=SAMPLE).by_page()
        async for page in pages:
            async for row in page:
                yield {name: value for name, value in row.items() if name not in _KEYS}
            return


async def _documents(stores: Stores, service: Service, dataset: Dataset) -> AsyncIterator[Mapping[str, Any]]:
    container = stores.blobs(service.settings["store"]).get_container_client(dataset.settings["container"])
    lines = dataset.found_by[0].how == "line"
    with azure_failures():
        left = MOST_BLOBS
        async for blob in container.list_blobs(results_per_page=MOST_BLOBS):
            content = await container.download_blob(blob.name, offset=0, length=MOST_BYTES)
            for record in _records(await content.readall(), lines=lines):
                yield record
            left -= 1
            if not left:
                return


def _records(data: bytes, *, lines: bool) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a blob's beginning; what is cut off, or is no JSON, is for an export to tell of."""
    for one in data.splitlines()[:SAMPLE] if lines else [data]:
        try:
            record = json.loads(one)
        except ValueError:
            continue
        if isinstance(record, dict):
            yield record


async def _columns(stores: Stores, service: Service, dataset: Dataset) -> set[str]:
    from shared.connectors._sql_catalog import columns_of

    return set(await columns_of(stores.sql(service.settings["store"]), dataset))
