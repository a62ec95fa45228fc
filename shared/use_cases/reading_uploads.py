"""Records that a service uploaded for one task: JSON lines, read page by page like any store."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from shared.domain.data_map import Dataset, Service
from shared.domain.errors import Permanent
from shared.domain.identity import Identifier
from shared.domain.json_path import Tree, parse_json, projected, tree_of
from shared.domain.request import RequestId
from shared.domain.service_task import ServiceTask
from shared.ports.blobs import Blobs
from shared.ports.connector import Page, Record

PIECE = 1024 * 1024  # read and parsed at a time; a longer line is unreadable


def upload_name(request_id: RequestId, task: ServiceTask) -> str:
    """Return the name of the one blob that a service may upload a task's records to."""
    return f"{request_id}/uploads/{task.key}.ndjson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One upload. Each line is `{"dataset": its id, "record": {…}}`; originals of files are not taken this way."""

    blobs: Blobs
    name: str

    async def export(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],  # noqa: ARG002 - the service has searched with them
        position: str | None = None,
    ) -> AsyncIterator[Page]:
        """Yield one dataset's records, no field but those it names.

        A line that is broken, or of a dataset that the service does not have, counts as unreadable for every dataset:
        nobody can tell which one it is missing from.

        Raises:
            Permanent: `upload_missing`.
            Transient: may pass.
        """
        size = await self.blobs.size(self.name)
        if size is None:
            raise Permanent("upload_missing")
        known = frozenset(one.id for one in service.datasets)
        tree = tree_of(field.name for field in dataset.fields if not field.withhold)
        offset = int(position or 0)
        if offset >= size:
            yield Page()
        while offset < size:
            data = await self.blobs.read(self.name, offset, PIECE)
            whole = len(data) if offset + len(data) >= size else data.rfind(b"\n") + 1
            if whole:
                offset += whole
                records, unreadable = _kept(data[:whole], dataset.id, known, tree)
            else:
                offset = await self._next_line(offset + len(data), size)
                records, unreadable = [], 1
            yield Page(records=records, unreadable=unreadable, position=str(offset) if offset < size else None)

    async def _next_line(self, offset: int, size: int) -> int:
        while offset < size:
            data = await self.blobs.read(self.name, offset, PIECE)
            end = data.find(b"\n")
            if end >= 0:
                return offset + end + 1
            offset += max(len(data), 1)
        return size


def _kept(data: bytes, wanted: str, known: frozenset[str], tree: Tree) -> tuple[list[Record], int]:
    records: list[Record] = []
    unreadable = 0
    for text in data.split(b"\n"):
        if not text.strip():
            continue
        try:
            line = parse_json(text)
        except ValueError:
            unreadable += 1
            continue
        name, record = (line.get("dataset"), line.get("record")) if isinstance(line, dict) else (None, None)
        if not (isinstance(name, str) and name in known and isinstance(record, dict)):
            unreadable += 1
        elif name == wanted:
            records.append(projected(record, tree))
    return records, unreadable
