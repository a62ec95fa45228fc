"""What storage keeps when its process is killed, and that the quicker way to rows finds the same ones."""

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableTransactionError, UpdateMode
from running_azurite import RunningAzurite


@pytest.fixture
async def storage(tmp_path):
    running = await RunningAzurite(tmp_path).start()
    yield running
    await running.stop()


async def killed_and_started(storage):
    storage.process.kill()
    await storage.process.wait()
    await storage.session.close()
    again = RunningAzurite(storage.folder)
    again.ports = storage.ports
    storage.__dict__ = (await again.start()).__dict__


async def rows(table, query):
    return sorted([(row["PartitionKey"], row["RowKey"]) async for row in table.query_entities(query)])


async def test_rows_answered_for_are_there_after_a_kill(storage):
    service = storage.tables("spinstate")
    table = await service.create_table("Parcels")
    for name in ("kept", "changed", "dropped"):
        await table.create_entity({"PartitionKey": "a", "RowKey": name, "weight": 1})
    await table.submit_transaction([("create", {"PartitionKey": "b", "RowKey": str(n)}) for n in range(30)])
    await table.update_entity({"PartitionKey": "a", "RowKey": "changed", "weight": 2}, mode=UpdateMode.MERGE)
    await table.delete_entity("a", "dropped")
    refused = [
        ("upsert", {"PartitionKey": "b", "RowKey": "1", "weight": 9}),
        ("delete", {"PartitionKey": "b", "RowKey": "none"}),
    ]
    with pytest.raises(TableTransactionError):
        await table.submit_transaction(refused)

    await killed_and_started(storage)

    table = storage.tables("spinstate").get_table_client("Parcels")
    assert await rows(table, "PartitionKey eq 'a'") == [("a", "changed"), ("a", "kept")]
    assert (await table.get_entity("a", "changed"))["weight"] == 2
    assert len(await rows(table, "PartitionKey eq 'b'")) == 30
    assert "weight" not in await table.get_entity("b", "1")


async def test_blobs_answered_for_are_there_after_a_kill(storage):
    container = await storage.blobs("spinexports").create_container("parcels")
    for name in ("kept", "changed", "dropped"):
        await container.upload_blob(name, b"first")
    await container.upload_blob("changed", b"second", overwrite=True)
    await container.delete_blob("dropped")

    await killed_and_started(storage)

    container = storage.blobs("spinexports").get_container_client("parcels")
    assert [blob.name async for blob in container.list_blobs()] == ["changed", "kept"]
    assert await (await container.download_blob("changed")).readall() == b"second"
    with pytest.raises(ResourceNotFoundError):
        await container.download_blob("dropped")


async def test_what_was_kept_once_is_kept_over_further_kills(storage):
    await storage.tables("spinstate").create_table("Parcels")
    for number in range(3):
        table = storage.tables("spinstate").get_table_client("Parcels")
        await table.create_entity({"PartitionKey": "a", "RowKey": str(number)})
        await killed_and_started(storage)
    table = storage.tables("spinstate").get_table_client("Parcels")
    assert await rows(table, "PartitionKey eq 'a'") == [("a", "0"), ("a", "1"), ("a", "2")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("PartitionKey eq 'a'", ["a1", "a2"]),
        ("'a' eq PartitionKey", ["a1", "a2"]),
        ("PartitionKey eq 'a' and weight gt 1", ["a2"]),
        ("weight gt 1 and (PartitionKey eq 'a' and weight lt 9)", ["a2"]),
        ("PartitionKey eq 'a' or PartitionKey eq 'b'", ["a1", "a2", "b1", "b2"]),
        ("PartitionKey eq 'a' and weight eq 1 or weight eq 2", ["a1", "a2", "b2", "it's2"]),
        ("not (PartitionKey eq 'a')", ["b1", "b2", "it's1", "it's2"]),
        ("PartitionKey eq 'it''s'", ["it's1", "it's2"]),
        ("PartitionKey eq 'none'", []),
        ("PartitionKey gt 'a' and PartitionKey le 'b'", ["b1", "b2"]),
        ("PartitionKey eq 'a' and PartitionKey eq 'b'", []),
    ],
)
async def test_a_query_finds_what_its_words_say(azurite, query, found):
    table = await azurite.tables("spinstate").create_table_if_not_exists("Queried")
    for partition in ("a", "b", "it's"):
        for weight in (1, 2):
            await table.upsert_entity({"PartitionKey": partition, "RowKey": str(weight), "weight": weight})
    assert ["".join(keys) for keys in await rows(table, query)] == found
