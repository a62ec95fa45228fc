"""The per-request key that seals who a request is about; deleting it is the crypto-shred."""

from typing import Protocol

from shared.domain.request import RequestId


class Seal(Protocol):
    """Authenticated encryption under one request's key, bound to that request's id."""

    def lock(self, clear: bytes) -> bytes:
        """Encrypt; the same input gives another output each time."""
        ...

    def unlock(self, sealed: bytes) -> bytes:
        """Decrypt.

        Raises:
            Permanent: `seal_broken`, the bytes are not from this seal.
        """
        ...


class CaseKeys(Protocol):
    """Wrapped keys, in a store of their own without soft delete, versions or backup."""

    async def create(self, request_id: RequestId) -> Seal:
        """Make, wrap and keep a new key.

        A key that is there already is returned instead, so that a repeated intake seals alike.
        """
        ...

    async def of(self, request_id: RequestId) -> Seal:
        """Unwrap a request's key.

        Raises:
            Gone: `shredded`, the key was deleted or never was.
        """
        ...

    async def shred(self, request_id: RequestId) -> None:
        """Delete a request's key for good; one that is gone is no error."""
        ...
