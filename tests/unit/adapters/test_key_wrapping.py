"""Wrapping under keys the app holds itself."""

import pytest

from shared.adapters.key_wrapping import LocalKeyWrapping
from shared.domain.errors import Permanent

KEY = bytes(range(32))


async def test_the_newest_version_wraps_and_every_version_unwraps():
    old = LocalKeyWrapping({1: b"1" * 32})
    both = LocalKeyWrapping({1: b"1" * 32, 2: b"2" * 32})
    version, wrapped = await old.wrap(KEY)
    assert version == "1"
    assert KEY not in wrapped
    assert await both.unwrap(version, wrapped) == KEY
    version, wrapped = await both.wrap(KEY)
    assert version == "2"
    assert await both.unwrap(version, wrapped) == KEY


@pytest.mark.parametrize("version", ["2", "", "x", "-1", "²", "https://vault/keys/a/b"])
async def test_a_version_that_is_not_at_hand_is_told_by_name(version):
    with pytest.raises(Permanent) as refused:
        await LocalKeyWrapping({1: b"1" * 32}).unwrap(version, bytes(40))
    assert refused.value.code == "wrapping_key_missing"


@pytest.mark.parametrize("wrapped", [b"", bytes(39), bytes(40), bytes(41)])
async def test_what_was_not_wrapped_by_this_key_is_refused(wrapped):
    with pytest.raises(Permanent) as refused:
        await LocalKeyWrapping({1: b"1" * 32}).unwrap("1", wrapped)
    assert refused.value.code == "wrapped_key_broken"
