"""A request's seal: AES-256-GCM, with the request's id as associated data."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.domain.errors import Permanent
from shared.domain.request import RequestId

KEY_SIZE = 32
_NONCE_SIZE = 12


class AesGcmSeal:
    """Sealed bytes are a random nonce followed by the cipher text and its tag."""

    __slots__ = ("_bound_to", "_cipher")

    def __init__(self, key: bytes, request_id: RequestId) -> None:
        self._cipher = AESGCM(key)
        self._bound_to = request_id.encode()

    def lock(self, clear: bytes) -> bytes:
        """Encrypt."""
        nonce = os.urandom(_NONCE_SIZE)
        return nonce + self._cipher.encrypt(nonce, clear, self._bound_to)

    def unlock(self, sealed: bytes) -> bytes:
        """Decrypt."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], self._bound_to)
        except (InvalidTag, ValueError):
            raise Permanent("seal_broken") from None
