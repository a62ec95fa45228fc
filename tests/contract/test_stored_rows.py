"""The local stack's tables find a row by its two keys, whatever happened to it before."""

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableTransactionError, UpdateMode

pytestmark = pytest.mark.stack


@pytest.fixture
async def rows(new_table):
    lean = new_table("Rows")
    return lean._client


async def test_a_row_is_found_after_every_kind_of_change(rows):
    await rows.create_table()
    key = {"PartitionKey": "a", "RowKey": "b"}
    with pytest.raises(ResourceNotFoundError):
        await rows.get_entity("a", "b")
    await rows.create_entity(key | {"n": 1})
    assert (await rows.get_entity("a", "b"))["n"] == 1
    await rows.update_entity(key | {"n": 2}, mode=UpdateMode.REPLACE)
    assert (await rows.get_entity("a", "b"))["n"] == 2
    await rows.update_entity(key | {"m": 3}, mode=UpdateMode.MERGE)
    found = await rows.get_entity("a", "b")
    assert (found["n"], found["m"]) == (2, 3)
    await rows.delete_entity("a", "b")
    with pytest.raises(ResourceNotFoundError):
        await rows.get_entity("a", "b")
    await rows.upsert_entity(key | {"n": 4})
    assert (await rows.get_entity("a", "b"))["n"] == 4


async def test_a_transaction_that_fails_leaves_every_row_findable(rows):
    await rows.create_table()
    await rows.create_entity({"PartitionKey": "a", "RowKey": "1", "n": 1})
    with pytest.raises(TableTransactionError):
        await rows.submit_transaction(
            [
                ("delete", {"PartitionKey": "a", "RowKey": "1"}),
                ("create", {"PartitionKey": "a", "RowKey": "2"}),
                ("delete", {"PartitionKey": "a", "RowKey": "not there"}),
            ]
        )
    assert (await rows.get_entity("a", "1"))["n"] == 1
    with pytest.raises(ResourceNotFoundError):
        await rows.get_entity("a", "2")
