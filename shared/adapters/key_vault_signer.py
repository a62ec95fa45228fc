"""Signs with a key of Key Vault that never leaves it; its versions are the keys that succeed one another."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from azure.core.credentials_async import AsyncTokenCredential
from azure.keyvault.keys import KeyProperties, KeyVaultKeyIdentifier
from azure.keyvault.keys.aio import KeyClient
from azure.keyvault.keys.crypto import SignatureAlgorithm
from azure.keyvault.keys.crypto.aio import CryptographyClient

from shared.adapters.azure_failures import azure_failures
from shared.adapters.signing_keys import SIGNATURE_SIZE, Held, as_jwk, published, signing, signing_input
from shared.domain.certificate import encoded
from shared.domain.errors import Permanent
from shared.ports.erasing import PublishedKey
from shared.ports.world import Clock

_LISTED_FOR = timedelta(minutes=1)


class KeyVaultSigner:
    """`key_url` names the key without a version: its newest enabled version signs, and all enabled ones are published.

    Key Vault gives away no disabled version's public key: one that is to be disabled goes on the list of retired keys.
    Versions are listed anew for every signature, and for anybody who asks for keys at most once a minute.
    """

    def __init__(
        self,
        key_url: str,
        credential: AsyncTokenCredential,
        retired: Sequence[PublishedKey],
        clock: Clock,
        **options: Any,
    ) -> None:
        self._named = KeyVaultKeyIdentifier(key_url)
        self._credential = credential
        self._options = options
        self._client = KeyClient(self._named.vault_url, credential, **options)
        self._retired = list(retired)
        self._clock = clock
        self._jwks: dict[str, Mapping[str, Any]] = {}
        self._signers: dict[str, CryptographyClient] = {}
        self._listed: tuple[datetime, list[Held[str]]] | None = None

    async def sign(self, header: Mapping[str, Any], payload: bytes) -> str:
        """Sign in the vault, which is sent the digest alone."""
        with azure_failures("key_vault"):
            key = signing(await self._versions(), self._clock())
            told = signing_input(header, payload, key.jwk)
            digest = hashlib.sha256(told.encode()).digest()
            signed = await self._signer(key.key).sign(SignatureAlgorithm.es256, digest)
        if len(signed.signature) != SIGNATURE_SIZE:
            raise Permanent("key_vault_signature_unreadable")
        return f"{told}.{encoded(signed.signature)}"

    async def keys(self) -> Sequence[PublishedKey]:
        """Return every public key, as it was less than a minute ago."""
        with azure_failures("key_vault"):
            held = self._listed[1] if self._listed and self._is_fresh(self._listed[0]) else await self._versions()
        return published(held, self._retired)

    async def close(self) -> None:
        """Close every connection to the vault."""
        for client in (self._client, *self._signers.values()):
            await client.close()
        self._signers.clear()

    def _is_fresh(self, at: datetime) -> bool:
        return self._clock() - at < _LISTED_FOR

    async def _versions(self) -> list[Held[str]]:
        listed = [one async for one in self._client.list_properties_of_key_versions(self._named.name) if one.enabled]
        held = [await self._held(one) for one in listed]
        self._listed = (self._clock(), held)
        return held

    async def _held(self, version: KeyProperties) -> Held[str]:
        since = version.not_before or version.created_on
        if version.id is None or since is None:
            raise Permanent("signing_key_unreadable")
        if version.id not in self._jwks:
            key: Any = (await self._client.get_key(self._named.name, version.version)).key
            if key.crv != "P-256" or key.x is None or key.y is None:
                raise Permanent("signing_key_unreadable")
            self._jwks[version.id] = as_jwk(int.from_bytes(key.x), int.from_bytes(key.y))
        return Held(key=version.id, jwk=self._jwks[version.id], since=since, ends=version.expires_on)

    def _signer(self, version: str) -> CryptographyClient:
        if version not in self._signers:
            self._signers[version] = CryptographyClient(version, self._credential, **self._options)
        return self._signers[version]
