"""Case keys held in memory, with real seals."""

import os

from shared.adapters.aes_gcm_seal import KEY_SIZE, AesGcmSeal
from shared.domain.errors import Gone
from shared.domain.request import RequestId


class MemoryCaseKeys:
    """Keys lie here unwrapped: for tests alone."""

    def __init__(self) -> None:
        self._keys: dict[RequestId, bytes] = {}

    async def create(self, request_id: RequestId) -> AesGcmSeal:
        """Make and keep a new key, or return the one that is there."""
        return AesGcmSeal(self._keys.setdefault(request_id, os.urandom(KEY_SIZE)), request_id)

    async def of(self, request_id: RequestId) -> AesGcmSeal:
        """Return a request's seal."""
        if request_id not in self._keys:
            raise Gone("shredded")
        return AesGcmSeal(self._keys[request_id], request_id)

    async def shred(self, request_id: RequestId) -> None:
        """Delete a request's key."""
        self._keys.pop(request_id, None)
