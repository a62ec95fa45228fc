"""Wrapping under a key of Key Vault: what is decided before the vault is asked."""

import pytest

from shared.adapters.key_vault_wrapping import KeyVaultWrapping
from shared.domain.errors import Permanent


class NeverAsked:
    async def get_token(self, *scopes, **options):
        raise AssertionError

    async def get_token_info(self, *scopes, options=None):
        raise AssertionError

    async def close(self):
        raise AssertionError


@pytest.mark.parametrize(
    "version",
    [
        "1",
        "",
        "https://other.vault.azure.net/keys/wrapping/abc",
        "https://ours.vault.azure.net/keys/another/abc",
        "https://ours.vault.azure.net.evil.example/keys/wrapping/abc",
    ],
)
async def test_only_versions_of_our_own_key_are_asked_to_unwrap(version):
    wrapping = KeyVaultWrapping("https://ours.vault.azure.net/keys/wrapping", NeverAsked())
    with pytest.raises(Permanent) as refused:
        await wrapping.unwrap(version, bytes(256))
    assert refused.value.code == "wrapping_key_missing"
    await wrapping.close()
