"""Wraps keys under keys the app holds itself: AES key wrap (RFC 3394), one wrapping key a version."""

from collections.abc import Mapping
from typing import Protocol

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from shared.domain.errors import Permanent


class KeyWrapping(Protocol):
    """Keeps keys from whoever reads only the store they lie in."""

    async def wrap(self, key: bytes) -> tuple[str, bytes]:
        """Wrap a key under the newest wrapping key; return that one's version and the wrapped key."""
        ...

    async def unwrap(self, version: str, wrapped: bytes) -> bytes:
        """Unwrap a key.

        Raises:
            Permanent: `wrapping_key_missing`, this version is not at hand; `wrapped_key_broken`.
        """
        ...


class LocalKeyWrapping:
    """Versions are whole numbers; the highest wraps, all unwrap."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        self._keys = dict(keys)
        self._newest = max(self._keys)

    async def wrap(self, key: bytes) -> tuple[str, bytes]:
        """Wrap a key."""
        return str(self._newest), aes_key_wrap(self._keys[self._newest], key)

    async def unwrap(self, version: str, wrapped: bytes) -> bytes:
        """Unwrap a key."""
        wrapping_key = self._keys.get(int(version)) if version.isdecimal() else None
        if wrapping_key is None:
            raise Permanent("wrapping_key_missing")
        try:
            return aes_key_unwrap(wrapping_key, wrapped)
        except InvalidUnwrap:
            raise Permanent("wrapped_key_broken") from None
