"""The contract of CaseKeys, over memory and Azure Tables."""

import pytest

from shared.adapters.azure_tables_case_keys import AzureTablesCaseKeys
from shared.adapters.key_wrapping import LocalKeyWrapping
from shared.adapters.memory_case_keys import MemoryCaseKeys
from shared.domain.errors import Gone, Permanent
from shared.domain.request import RequestId

ONE, TWO = RequestId("00000000-0000-4000-8000-000000000001"), RequestId("00000000-0000-4000-8000-000000000002")
OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.stack)])
def keys(request):
    if request.param == "memory":
        return MemoryCaseKeys()
    return AzureTablesCaseKeys(request.getfixturevalue("new_table")("CaseKeys"), LocalKeyWrapping({1: OLD}))


async def test_what_was_locked_is_unlocked_and_never_locked_twice_alike(keys):
    seal = await keys.create(ONE)
    first, second = seal.lock(b"secret"), seal.lock(b"secret")
    assert first != second
    assert b"secret" not in first
    again = await keys.of(ONE)
    assert [again.unlock(first), again.unlock(second), again.unlock(again.lock(b""))] == [b"secret", b"secret", b""]


async def test_creating_a_key_again_gives_the_same(keys):
    sealed = (await keys.create(ONE)).lock(b"secret")
    assert (await keys.create(ONE)).unlock(sealed) == b"secret"


async def test_another_requests_seal_does_not_open(keys):
    sealed = (await keys.create(ONE)).lock(b"secret")
    other = await keys.create(TWO)
    with pytest.raises(Permanent) as refused:
        other.unlock(sealed)
    assert refused.value.code == "seal_broken"


@pytest.mark.parametrize("broken", [b"", b"x", bytes(28), bytes(100)])
async def test_what_is_not_from_this_seal_is_refused(keys, broken):
    seal = await keys.create(ONE)
    with pytest.raises(Permanent) as refused:
        seal.unlock(broken)
    assert refused.value.code == "seal_broken"


async def test_a_changed_bit_is_noticed(keys):
    seal = await keys.create(ONE)
    sealed = bytearray(seal.lock(b"secret"))
    sealed[-1] ^= 1
    with pytest.raises(Permanent):
        seal.unlock(bytes(sealed))


async def test_after_the_shred_nothing_opens_and_a_second_shred_is_no_error(keys):
    await keys.create(ONE)
    await keys.create(TWO)
    await keys.shred(ONE)
    await keys.shred(ONE)
    with pytest.raises(Gone) as gone:
        await keys.of(ONE)
    assert gone.value.code == "shredded"
    assert (await keys.of(TWO)).unlock((await keys.of(TWO)).lock(b"x")) == b"x"


async def test_a_request_that_never_had_a_key_has_none(keys):
    with pytest.raises(Gone):
        await keys.of(ONE)


@pytest.mark.stack
async def test_another_instance_unwraps_with_the_version_that_wrapped(new_table):
    table = new_table("CaseKeys")
    sealed = (await AzureTablesCaseKeys(table, LocalKeyWrapping({1: OLD})).create(ONE)).lock(b"secret")
    rotated = AzureTablesCaseKeys(table, LocalKeyWrapping({1: OLD, 2: NEW}))
    assert (await rotated.of(ONE)).unlock(sealed) == b"secret"
    await rotated.create(TWO)
    with pytest.raises(Permanent) as refused:
        await AzureTablesCaseKeys(table, LocalKeyWrapping({1: OLD})).of(TWO)
    assert refused.value.code == "wrapping_key_missing"


@pytest.mark.stack
async def test_the_store_never_holds_a_key_in_clear(new_table):
    table = new_table("CaseKeys")
    await AzureTablesCaseKeys(table, LocalKeyWrapping({1: OLD})).create(ONE)
    row = await table.get(ONE, "key")
    assert len(row["wrapped"]) == 40
    with pytest.raises(Permanent) as refused:
        await AzureTablesCaseKeys(table, LocalKeyWrapping({1: NEW})).of(ONE)
    assert refused.value.code == "wrapped_key_broken"
