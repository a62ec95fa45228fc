"""The keys Entra ID signs with: fetched when needed, kept for a day, asked for by no more than one caller at a time."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import aiohttp
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import PyJWTError

from shared.domain.errors import Transient
from shared.ports.world import Clock

_GOOD_FOR = 24 * 3600.0  # seconds
_AGAIN_AFTER = 60.0  # for a key that was not there: a stranger may name any
_AGAIN_AFTER_FAILURE = 5.0
_WITHIN = aiohttp.ClientTimeout(total=10)
_MOST = 1024 * 1024
_SMALLEST_KEY = 2048


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key. `issuer` is the one it may sign for, `{tenantid}` in it being any tenant; None is no bound."""

    key: RSAPublicKey
    issuer: str | None


class SigningKeys:
    """One JSON Web Key Set, by key id."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._keys: dict[str, SigningKey] = {}
        self._fetched_at: float | None = None
        self._failed_at: float | None = None
        self._turn = asyncio.Lock()

    async def find(self, key_id: str) -> SigningKey | None:
        """Return the key of this id, None when the set has none.

        Raises:
            Transient: the set could not be fetched.
        """
        if self._must_fetch(key_id):
            async with self._turn:
                if self._must_fetch(key_id):
                    await self._fetch()
        return self._keys.get(key_id)

    def _must_fetch(self, key_id: str) -> bool:
        if self._fetched_at is None:
            return True
        age = self._clock().timestamp() - self._fetched_at
        return age > _GOOD_FOR or (key_id not in self._keys and age > _AGAIN_AFTER)

    async def _fetch(self) -> None:
        now = self._clock().timestamp()
        if self._failed_at is not None and now - self._failed_at < _AGAIN_AFTER_FAILURE:
            raise Transient("signing_keys_unreachable", _AGAIN_AFTER_FAILURE)
        try:
            self._keys = _read(await self._download())
        except (aiohttp.ClientError, TimeoutError, ValueError):
            self._failed_at = now
            raise Transient("signing_keys_unreachable", _AGAIN_AFTER_FAILURE) from None
        self._fetched_at, self._failed_at = now, None

    async def _download(self) -> bytes:
        async with (
            aiohttp.ClientSession(timeout=_WITHIN) as session,
            session.get(self._url, allow_redirects=False, headers={"Accept-Encoding": "identity"}) as answer,
        ):
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            found = bytearray()
            async for piece in answer.content.iter_any():
                found += piece
                if len(found) > _MOST:
                    raise ValueError("too large")
            return bytes(found)


def _read(document: bytes) -> dict[str, SigningKey]:
    """Read the keys we can use; others are left out.

    Raises:
        ValueError: this is no key set, or none of its keys can be used.
    """
    told = json.loads(document)
    listed = told.get("keys") if isinstance(told, dict) else None
    keys = dict(found for jwk in listed or () if isinstance(jwk, dict) and (found := _usable(jwk)))
    if not keys:
        raise ValueError("no usable key")
    return keys


def _usable(jwk: dict[str, Any]) -> tuple[str, SigningKey] | None:
    key_id, issuer = jwk.get("kid"), jwk.get("issuer")
    if not isinstance(key_id, str) or not isinstance(issuer, str | None):
        return None
    if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig" or jwk.get("alg", "RS256") != "RS256":
        return None
    try:
        key = RSAAlgorithm.from_jwk(jwk)
    except (PyJWTError, ValueError):
        return None
    if not isinstance(key, RSAPublicKey) or key.key_size < _SMALLEST_KEY:
        return None
    return key_id, SigningKey(key, issuer)
