"""Blobs that are one JSON document, of one person each: handed over, counted, deleted."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from shared.connectors._blob_document_reading import LARGEST, Held, Name, names_of
from shared.connectors._blob_removing import remove
from shared.connectors._blob_store import read_range
from shared.connectors._failures import azure_failures
from shared.connectors._position import parts_of, position_of
from shared.connectors._shape import Shape
from shared.domain.data_map import Dataset
from shared.domain.errors import Permanent, Transient
from shared.domain.identity import Identifier
from shared.ports.connector import Counted, Erased, Erasure, Page

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

_ATTEMPTS = 5


async def export_documents(
    container: "ContainerClient", dataset: Dataset, identifiers: Sequence[Identifier], position: str | None
) -> AsyncIterator[Page]:
    """Yield one page for each document there could be."""
    shape = Shape(dataset)
    async for held, after in _held(container, dataset, identifiers, position):
        records = [shape.document(one) for one in held.theirs]
        yield Page(records=records, unreadable=held.unreadable, position=after)


async def count_documents(
    container: "ContainerClient", dataset: Dataset, identifiers: Sequence[Identifier], position: str | None
) -> AsyncIterator[Counted]:
    """Yield one step for each document there could be."""
    async for held, after in _held(container, dataset, identifiers, position):
        yield Counted(count=held.count, position=after)


async def erase_documents(
    container: "ContainerClient",
    dataset: Dataset,
    identifiers: Sequence[Identifier],
    erasure: Erasure,
    position: str | None,
) -> AsyncIterator[Erased]:
    """Yield one step for each document there could be; each is deleted as it was read, or not at all.

    Raises:
        Permanent: `document_shared`, it holds what is another's too.
    """
    names, start = names_of(dataset, identifiers), _start(position)
    if start >= len(names):
        yield Erased()
    for step, (name, said) in list(enumerate(names.items()))[start:]:
        held = await _erase(container, name, said, dataset.tenant_field, erasure)
        unreadable = 0 if held.is_theirs else held.unreadable
        after = position_of(step + 1) if step + 1 < len(names) else None
        yield Erased(count=held.count, unreadable=unreadable, position=after)


async def _held(
    container: "ContainerClient", dataset: Dataset, identifiers: Sequence[Identifier], position: str | None
) -> AsyncIterator[tuple[Held, str | None]]:
    names, start = names_of(dataset, identifiers), _start(position)
    if start >= len(names):
        yield Held(), None
    for step, (name, said) in list(enumerate(names.items()))[start:]:
        data = await _whole(container, name)
        after = position_of(step + 1) if step + 1 < len(names) else None
        yield said.held(data, dataset.tenant_field) if data is not None else Held(), after


async def _erase(container: "ContainerClient", name: str, said: Name, column: str | None, erasure: Erasure) -> Held:
    for _ in range(_ATTEMPTS):
        try:
            with azure_failures():
                read = await container.get_blob_client(name).get_blob_properties()
            held = said.held(await read_range(container, name, 0, LARGEST + 1, read.etag), column)
            if held.count == 0:
                return held
            if held.others or (held.unreadable and not held.is_theirs):
                raise Permanent("document_shared")
            await erasure.may_proceed()
            return held if await remove(container, name, read.etag) else Held()
        except Transient as failure:
            if failure.code == "gone_meanwhile":
                return Held()
            if failure.code != "changed_meanwhile":
                raise
    raise Transient("changed_meanwhile")


def _start(position: str | None) -> int:
    start: int = parts_of(position, 1)[0] if position else 0
    return start


async def _whole(container: "ContainerClient", name: str) -> bytes | None:
    try:
        return await read_range(container, name, 0, LARGEST + 1)
    except Transient as failure:
        if failure.code == "gone_meanwhile":  # nothing is held under this name
            return None
        raise
