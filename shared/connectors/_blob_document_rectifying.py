"""Correcting blobs that are one JSON document: to the byte, and under the ETag they were read with."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from shared.connectors._blob_document_reading import LARGEST, Name, names_of
from shared.connectors._blob_rewriting import begin
from shared.connectors._blob_store import read_range
from shared.connectors._correcting import must_be_found, reading
from shared.connectors._position import parts_of, position_of
from shared.domain.data_map import Dataset
from shared.domain.errors import Permanent, Transient
from shared.domain.identity import Identifier
from shared.domain.json_editing import edited_bytes
from shared.ports.connector import Rectification, Rectified

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

_ATTEMPTS = 5


async def rectify_documents(
    container: "ContainerClient",
    dataset: Dataset,
    identifiers: Sequence[Identifier],
    rectification: Rectification,
    position: str | None,
) -> AsyncIterator[Rectified]:
    """Yield one step for each document there could be. Its name says whose it is, and that never changes."""
    must_be_found(bool(reading(dataset, rectification.values, lambda _: "").found_by))
    names = names_of(dataset, identifiers)
    start: int = parts_of(position, 1)[0] if position else 0
    if start >= len(names):
        yield Rectified()
    for step, (name, said) in list(enumerate(names.items()))[start:]:
        count = await _rectify(container, name, said, dataset.tenant_field, rectification)
        yield Rectified(count=count, position=position_of(step + 1) if step + 1 < len(names) else None)


async def _rectify(
    container: "ContainerClient", name: str, said: Name, column: str | None, rectification: Rectification
) -> int:
    def is_theirs(record: Any) -> bool:
        return said.is_theirs(record, column)

    for _ in range(_ATTEMPTS):
        try:
            read, rewriting = await begin(container.get_blob_client(name))
            data = await read_range(container, name, 0, LARGEST + 1, read.etag)
            held = said.held(data, column)
            if held.is_theirs and held.unreadable:
                raise Permanent("unreadable_items")
            after = edited_bytes(data, rectification.values, is_theirs) if held.theirs else data
            if after != data:
                await rectification.may_proceed()
                await rewriting.add(after)
                await rewriting.commit()
            return len(held.theirs)
        except Transient as failure:
            if failure.code == "gone_meanwhile":
                return 0
            if failure.code != "changed_meanwhile":
                raise
    raise Transient("changed_meanwhile")
