"""Blobs that are one JSON document, of one person each."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from shared.connectors._blob_store import read_range
from shared.connectors._position import parts_of, position_of
from shared.connectors._shape import Shape
from shared.connectors._ways import Words, refusal, wanted
from shared.domain.data_map import Dataset
from shared.domain.errors import Transient
from shared.domain.identity import Identifier
from shared.domain.json_path import parse_json
from shared.ports.connector import Page

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

LARGEST = 16 * 1024 * 1024
NAME = frozenset({"name"})
VOCABULARY = {"json": Words(needs=NAME, bounds=NAME)}


def check_documents(dataset: Dataset) -> None:
    """Refuse a name that is the same for all people.

    Raises:
        DataMapInvalid: names the dataset and the setting.
    """
    for way in dataset.found_by:
        if "{value}" not in way.at["name"]:
            raise refusal(dataset, f"how: {way.how}: at.name", "holds no {value}, so it would be everyone's")


async def export_documents(
    container: "ContainerClient", dataset: Dataset, identifiers: Sequence[Identifier], position: str | None
) -> AsyncIterator[Page]:
    """Yield one page for each document there could be; a list in it is a record for each of its objects."""
    names = {one.fill("name", value): one.tenant for one in wanted(dataset, identifiers) for value in one.values}
    steps = list(names.items())
    (start,) = parts_of(position, 1) if position else (0,)
    if start >= len(steps):
        yield Page()
    for step in range(start, len(steps)):
        name, tenant = steps[step]
        data = await _whole(container, name)
        after = position_of(step + 1) if step + 1 < len(steps) else None
        yield _page(dataset, data, tenant, after) if data is not None else Page(position=after)


async def _whole(container: "ContainerClient", name: str) -> bytes | None:
    try:
        return await read_range(container, name, 0, LARGEST + 1)
    except Transient as failure:
        if failure.code == "gone_meanwhile":  # nothing is held under this name
            return None
        raise


def _page(dataset: Dataset, data: bytes, tenant: str | None, after: str | None) -> Page:
    try:
        document = parse_json(data) if len(data) <= LARGEST else None
    except ValueError:
        document = None
    objects = document if isinstance(document, list) else [document]
    readable = [one for one in objects if isinstance(one, dict)]
    column, shape = dataset.tenant_field, Shape(dataset)
    theirs = [
        shape.document(one)
        for one in readable
        if tenant is None or column is None or str(one.get(column) or "").lower() == tenant
    ]
    return Page(records=theirs, unreadable=len(objects) - len(readable), position=after)
