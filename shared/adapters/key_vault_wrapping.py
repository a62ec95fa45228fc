"""Wraps keys under a key of Key Vault that never leaves it."""

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from azure.keyvault.keys import KeyVaultKeyIdentifier
from azure.keyvault.keys.aio import KeyClient
from azure.keyvault.keys.crypto import KeyWrapAlgorithm
from azure.keyvault.keys.crypto.aio import CryptographyClient

from shared.adapters.azure_failures import azure_failures, meaning
from shared.domain.errors import Permanent

_ALGORITHM = KeyWrapAlgorithm.rsa_oaep_256


class KeyVaultWrapping:
    """A version is the full identifier of the vault's key, so that rotated keys still unwrap.

    `key_url` without a version wraps under the newest, asked for once in this process's life.
    """

    def __init__(self, key_url: str, credential: AsyncTokenCredential) -> None:
        self._named = KeyVaultKeyIdentifier(key_url)
        self._credential = credential
        self._newest: str | None = None
        self._clients: dict[str, CryptographyClient] = {}

    async def wrap(self, key: bytes) -> tuple[str, bytes]:
        """Wrap a key."""
        with azure_failures("key_vault"):
            if self._newest is None:
                self._newest = await self._find_newest()
            wrapped = await self._client(self._newest).wrap_key(_ALGORITHM, key)
        return self._newest, wrapped.encrypted_key

    async def unwrap(self, version: str, wrapped: bytes) -> bytes:
        """Unwrap a key; one that lies in another vault, or under another name, is refused unasked."""
        if not version.startswith(f"{self._named.vault_url.rstrip('/')}/keys/{self._named.name}/"):
            raise Permanent("wrapping_key_missing")
        try:
            return (await self._client(version).unwrap_key(_ALGORITHM, wrapped)).key
        except AzureError as error:
            raise meaning("key_vault", error) from None

    async def close(self) -> None:
        """Close every connection to the vault."""
        for client in self._clients.values():
            await client.close()
        self._clients.clear()

    async def _find_newest(self) -> str:
        if self._named.version:
            return self._named.source_id
        async with KeyClient(self._named.vault_url, self._credential) as keys:
            newest = await keys.get_key(self._named.name)
        if newest.id is None:
            raise Permanent("wrapping_key_missing")
        return newest.id

    def _client(self, version: str) -> CryptographyClient:
        if version not in self._clients:
            self._clients[version] = CryptographyClient(version, self._credential)
        return self._clients[version]
