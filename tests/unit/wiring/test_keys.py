"""Keys from settings: whole ones or none."""

import base64

import pytest
from builders import memory_services

from shared import wiring
from shared.domain.errors import Transient


@pytest.fixture(autouse=True)
def _no_graph_is_left_behind():
    yield
    wiring.override(None)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(
            "@Microsoft.KeyVault(SecretUri=https://kv-prod-abcdefghij.vault.azure.net/secrets/reference-key-1)",
            id="a reference to Key Vault that was not resolved",
        ),
        pytest.param("<32 random bytes in base64>", id="what the example says"),
        pytest.param("", id="nothing"),
        pytest.param(base64.b64encode(bytes(31)).decode(), id="too short"),
        pytest.param(base64.b64encode(bytes(64)).decode(), id="too long to wrap with"),
        pytest.param(base64.b64encode(b"\xfb\xff" * 16).decode().replace("+", "@"), id="signs that are not base64"),
    ],
)
@pytest.mark.parametrize("name", ["reference_key_1", "code_key_1"])
def test_a_key_that_is_not_32_bytes_in_base64_is_never_used(name, given):
    with pytest.raises(Transient, match="key_missing_or_unreadable"):
        memory_services(**{name: given}).references  # noqa: B018


def test_a_line_end_after_a_key_is_no_part_of_it():
    key = base64.b64encode(bytes(range(32))).decode()
    assert memory_services(code_key_1=f"{key}\n").references.code_keys == {1: bytes(range(32))}
