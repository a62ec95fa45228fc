"""Fragments and packages: payloads that live for days, in an account without soft delete or versions."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Protocol

from shared.domain.request import RequestId


class Blobs(Protocol):
    """One container of payloads. Names start with the request's id, so that a request's are found together."""

    async def put(self, name: str, data: bytes) -> None:
        """Write a whole small blob at once, replacing what was there."""
        ...

    async def stage(self, name: str, block: int, data: bytes) -> None:
        """Stage one block under an id derived from its number; the same block again replaces it."""
        ...

    async def commit(self, name: str, blocks: Sequence[int]) -> None:
        """Make the blob of these staged blocks, in this order, replacing what was there.

        Raises:
            StaleState: a block is missing: another committed already, or staging has to be done again.
        """
        ...

    async def read(self, name: str, offset: int, length: int) -> bytes:
        """Read a range.

        Raises:
            NotFound: there is no such blob.
            Transient: may pass.
        """
        ...

    def stream(self, name: str, offset: int, length: int) -> AsyncIterator[bytes]:
        """Read a range in pieces."""
        ...

    async def size(self, name: str) -> int | None:
        """Return the committed blob's size in bytes, None when there is none."""
        ...

    async def delete(self, names: Sequence[str]) -> None:
        """Delete blobs; one that is gone is no error."""
        ...

    async def names(self, request_id: RequestId) -> Sequence[str]:
        """List a request's blobs."""
        ...

    async def link(self, name: str, file_name: str, valid_for: timedelta) -> str:
        """Mint a read-only URL to one blob that downloads as `file_name` and is good for `valid_for`."""
        ...

    async def upload_link(self, name: str, valid_for: timedelta) -> str:
        """Mint a URL that writes one blob, whole, and reads, lists and deletes nothing; it is good for `valid_for`."""
        ...
