"""Payloads held in memory, with the block semantics of Blob Storage."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote, urlencode

from shared.domain.errors import NotFound, StaleState
from shared.domain.request import RequestId

PIECE = 64 * 1024


@dataclass(slots=True)
class _Blob:
    """`data` is None until a commit; a committed blob still knows its blocks."""

    data: bytes | None = None
    committed: Mapping[int, bytes] = field(default_factory=dict)
    staged: dict[int, bytes] = field(default_factory=dict)


class MemoryBlobs:
    """One container."""

    def __init__(self) -> None:
        self._blobs: dict[str, _Blob] = {}

    async def put(self, name: str, data: bytes) -> None:
        """Write a whole blob; blocks staged before are dropped."""
        self._blobs[name] = _Blob(data=bytes(data))

    async def stage(self, name: str, block: int, data: bytes) -> None:
        """Stage one block."""
        self._blobs.setdefault(name, _Blob()).staged[block] = bytes(data)

    async def commit(self, name: str, blocks: Sequence[int]) -> None:
        """Make the blob of these blocks, staged or committed before; what else was staged is dropped."""
        blob = self._blobs.get(name, _Blob())
        known = {**blob.committed, **blob.staged}
        if any(block not in known for block in blocks):
            raise StaleState(name)
        chosen = {block: known[block] for block in blocks}
        self._blobs[name] = _Blob(data=b"".join(known[block] for block in blocks), committed=chosen)

    async def read(self, name: str, offset: int, length: int) -> bytes:
        """Read a range; what lies behind the end is not there."""
        return self._data(name)[offset : offset + length]

    async def stream(self, name: str, offset: int, length: int) -> AsyncIterator[bytes]:
        """Read a range in pieces."""
        data = await self.read(name, offset, length)
        for start in range(0, len(data), PIECE):
            yield data[start : start + PIECE]

    async def size(self, name: str) -> int | None:
        """Return the committed blob's size."""
        blob = self._blobs.get(name)
        return None if blob is None or blob.data is None else len(blob.data)

    async def delete(self, names: Sequence[str]) -> None:
        """Delete blobs, with their staged blocks."""
        for name in names:
            self._blobs.pop(name, None)

    async def names(self, request_id: RequestId) -> Sequence[str]:
        """List a request's committed blobs."""
        return sorted(
            name for name, blob in self._blobs.items() if blob.data is not None and name.startswith(request_id)
        )

    async def link(self, name: str, file_name: str, valid_for: timedelta) -> str:
        """Return a URL that shows what a real one grants."""
        grants = {"sp": "r", "rscd": f'attachment; filename="{file_name}"', "seconds": int(valid_for.total_seconds())}
        return f"https://blobs.invalid/{quote(name)}?{urlencode(grants)}"

    async def upload_link(self, name: str, valid_for: timedelta) -> str:
        """Return a URL that shows what a real one grants."""
        grants = {"sp": "cw", "seconds": int(valid_for.total_seconds())}
        return f"https://blobs.invalid/{quote(name)}?{urlencode(grants)}"

    def _data(self, name: str) -> bytes:
        blob = self._blobs.get(name)
        if blob is None or blob.data is None:
            raise NotFound(name)
        return blob.data
