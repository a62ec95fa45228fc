"""Rows of Azure Tables: what changes, moves or goes while a page of them is erased, and what anonymising leaves."""

import base64
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from azure.data.tables import EdmType, EntityProperty, UpdateMode
from places import (
    HERE,
    Asked,
    ByJson,
    ByPartitionKey,
    ByProperty,
    ByRowKey,
    Strangers,
    dataset_of,
    fields_of,
    identifier,
)

from shared.domain.errors import DataMapInvalid, Permanent, Transient

ANNA = identifier("anna@x.example")


def row(number):
    return {"number": number, "note": "a note"}


@pytest.fixture(params=[ByPartitionKey, ByProperty], ids=lambda place: place.__name__)
async def place(request, azurite):
    made = request.param(azurite)
    made.connector.check(made.service, made.dataset)
    await made.make()
    await made.put([("anna@x.example", HERE, row(number)) for number in range(150)])
    await made.put([("ben@x.example", HERE, row(1000 + number)) for number in range(150)])
    return made


async def rows_of(place, owner="anna"):
    return [one for one in await place.dump() if owner in one["PartitionKey"] + one.get("owner", "")]


def at_first(do):
    async def then(times):
        if times == 1:
            await do()

    return Asked(then)


async def test_rows_that_somebody_else_deletes_meanwhile_fail_no_transaction(place):
    theirs, before = await rows_of(place), await rows_of(place, "ben")

    async def others_delete():
        for one in (theirs[0], theirs[149]):
            await place.table.delete_entity(one["PartitionKey"], one["RowKey"])

    assert await place.erase(ANNA, asked=at_first(others_delete)) == 148
    assert await place.dump() == before


async def test_a_row_that_changes_meanwhile_is_looked_at_again(place):
    theirs, before = await rows_of(place), await rows_of(place, "ben")

    async def others_write():
        changed = {"PartitionKey": theirs[3]["PartitionKey"], "RowKey": theirs[3]["RowKey"], "note": "another note"}
        await place.table.update_entity(changed, mode=UpdateMode.MERGE)

    assert await place.erase(ANNA, asked=at_first(others_write)) == 150
    assert await place.dump() == before


async def test_a_row_that_is_anothers_by_now_stays(azurite):
    place = ByProperty(azurite)
    await place.make()
    await place.put([("anna@x.example", HERE, row(number)) for number in range(3)])
    theirs = await rows_of(place)

    async def hand_over():
        keys = {"PartitionKey": theirs[1]["PartitionKey"], "RowKey": theirs[1]["RowKey"]}
        await place.table.update_entity(keys | {"owner": "ben@x.example"}, mode=UpdateMode.MERGE)

    assert await place.erase(ANNA, asked=at_first(hand_over)) == 2
    assert [one["owner"] for one in await place.dump()] == ["ben@x.example"]


async def test_a_row_that_never_rests_is_left_for_later(azurite):
    place = ByPartitionKey(Restless(azurite))
    place.stores.place = place
    await place.make()
    await place.put([("anna@x.example", HERE, row(1))])
    with pytest.raises(Transient, match="changed_meanwhile"):
        await place.erase(ANNA)
    assert len(await place.dump()) == 1


class Restless:
    """Stores in which every row is written once more right before a transaction."""

    def __init__(self, azurite):
        self._azurite = azurite

    def tables(self, store):
        return self._azurite.tables(store)

    def transactions(self, store, table):
        self._transactions = self._azurite.transactions(store, table)
        return self

    async def submit(self, operations, /):
        for _, one, _ in operations:
            keys = {"PartitionKey": one["PartitionKey"], "RowKey": one["RowKey"]}
            await self.place.table.update_entity(keys | {"note": "again"}, mode=UpdateMode.MERGE)
        return await self._transactions.submit(operations)


class Answering:
    """Stores whose transactions are answered by this status."""

    def __init__(self, azurite, status, *, table_missing=False):
        self._azurite, self._answer = azurite, (status, table_missing)

    def tables(self, store):
        return self._azurite.tables(store)

    def transactions(self, store, table):
        return self

    async def submit(self, operations, /):
        return self._answer


@pytest.mark.parametrize(
    ("status", "missing", "failure", "told"),
    [
        (403, False, Permanent, "access_denied"),
        (400, False, Permanent, "refused_400"),
        (404, True, Permanent, "store_missing"),
        (503, False, Transient, "throttled"),
        (500, False, Transient, "status_500"),
    ],
)
async def test_a_refused_transaction_is_told_for_what_it_is(azurite, status, missing, failure, told):
    place = ByPartitionKey(Answering(azurite, status, table_missing=missing))
    await place.make()
    await place.put([("anna@x.example", HERE, row(number)) for number in range(700)])
    with pytest.raises(failure, match=told):
        await place.erase(ANNA)
    assert await place.count(ANNA) == 700


async def test_json_that_cannot_be_read_is_told_and_not_counted(azurite):
    place = ByJson(azurite)
    await place.make()
    await place.put([("anna@x.example", HERE, row(1))])
    await place.table.create_entity({"PartitionKey": HERE, "RowKey": "x", "tenantId": HERE, "doc": '{"tags": '})
    before = [one for one in await place.dump() if one["RowKey"] == "x"]
    assert await place.count(ANNA) == 1
    assert [(step.count, step.unreadable) async for step in place.erasing(ANNA)] == [(1, 1)]
    assert await place.dump() == before
    assert await place.count(ANNA) == 0


async def test_a_row_found_by_its_key_goes_whatever_it_holds(azurite):
    place = ByRowKey(azurite)
    place.dataset = place.dataset.model_copy(update={"fields": fields_of([{"name": "doc.a", "category": "user"}])})
    await place.make()
    await place.put([("anna@x.example", HERE, row(1) | {"doc": "{broken"})])
    assert await place.count(ANNA) == 1
    assert await place.erase(ANNA) == 1
    assert await place.dump() == []


async def test_an_anonymised_row_holds_its_keys_and_what_the_map_keeps(azurite):
    fields = [
        {"name": "big", "category": "user", "anonymise": "keep"},
        {"name": "ratio", "category": "user", "anonymise": "keep"},
        {"name": "guid", "category": "user", "anonymise": "keep"},
        {"name": "raw", "category": "user", "anonymise": "keep"},
        {"name": "at", "category": "user", "anonymise": "keep"},
        {"name": "day", "category": "user", "anonymise": "month"},
        {"name": "text", "category": "user", "anonymise": "month"},
        {"name": "count", "category": "user", "anonymise": "month"},
        {"name": "label", "category": "user", "anonymise": "constant"},
        {"name": "id", "category": "user", "anonymise": "constant"},
        {"name": "doc.kind", "category": "user", "anonymise": "keep"},
        {"name": "doc.name", "category": "user"},
        {"name": "absent", "category": "user", "anonymise": "constant"},
        {"name": "owner", "category": "user"},
        {"name": "RowKey", "category": "user", "anonymise": "constant"},
    ]
    place = ByProperty(azurite)
    place.dataset = dataset_of(place.settings(), place.dataset.found_by, fields)
    await place.make()
    kept = {
        "big": EntityProperty(2**63 - 1, EdmType.INT64),
        "ratio": 2.0,
        "guid": UUID(HERE),
        "raw": b"\x00\xff",
        "at": datetime(2026, 11, 14, 12, 30, 15, 250000, tzinfo=UTC),
    }
    held = kept | {
        "day": datetime(2026, 11, 14, 12, 30, tzinfo=UTC),
        "text": "2026-11-30T23:30:00-05:00",
        "count": EntityProperty(20261114, EdmType.INT64),
        "label": "Anna's laptop",
        "id": EntityProperty(7, EdmType.INT64),
        "doc": json.dumps({"kind": "a", "name": "Anna"}),
        "unnamed": "Anna",
    }
    await place.put([("anna@x.example", HERE, held)])
    (before,) = await place.dump()
    assert await place.erase(ANNA, action="anonymise") == 1
    (after,) = await place.dump()
    del after["etag"]
    assert after == {name: before[name] for name in (*kept, "PartitionKey", "RowKey")} | {
        "day": datetime(2026, 11, 1, tzinfo=UTC),
        "text": "2026-12-01T00:00:00Z",
        "label": "[erased]",
        "id": "[erased]",
        "doc": '{"kind": "a"}',
    }
    assert base64.b64encode(after["raw"]) == b"AP8="
    assert await place.count(ANNA) == 0


async def test_large_rows_are_anonymised_in_transactions_the_service_takes(azurite):
    place = ByProperty(azurite)
    fields = [{"name": f"note{number}", "category": "user", "anonymise": "keep"} for number in range(10)]
    place.dataset = dataset_of(place.settings(), place.dataset.found_by, fields)
    await place.make()
    large = {f"note{number}": "x" * 30_000 for number in range(10)}
    await place.put([("anna@x.example", HERE, row(1) | large)])
    for _ in range(7):
        await place.put([("anna@x.example", HERE, row(2) | large)])
    assert await place.erase(ANNA, action="anonymise") == 8
    assert [set(one) - {"etag"} for one in await place.dump()] == [{"PartitionKey", "RowKey", *large}] * 8


@pytest.mark.parametrize(
    ("how", "at", "fields", "told"),
    [
        ("partition_key", {"key": "{tenant}:{value}"}, [{"name": "a", "category": "user"}], "no key can be"),
        ("row_key", {"partition": "{tenant}", "key": "{value}"}, [{"name": "a", "category": "user"}], "no key can be"),
        (
            "property",
            {"partition": "{tenant}:{value}", "property": "a"},
            [{"name": "a", "category": "user"}],
            "no key can be",
        ),
        (
            "property",
            {"partition": "{tenant}", "property": "a"},
            [{"name": "a", "category": "user", "anonymise": "keep"}],
            "anonymising keeps",
        ),
        (
            "json",
            {"partition": "{tenant}", "property": "a", "path": "b.c"},
            [{"name": "a.b", "category": "user", "anonymise": "keep"}],
            "anonymising keeps",
        ),
        (
            "name",
            {"partition": "{tenant}", "property": "a"},
            [{"name": "a", "category": "user", "anonymise": "keep"}],
            "anonymising keeps",
        ),
    ],
)
def test_what_would_be_found_again_is_not_anonymised(azurite, how, at, fields, told):
    place = ByProperty(azurite)
    dataset = dataset_of(place.settings(), [{"identifier": "upn", "how": how, "at": at}], fields)
    place.connector.check(place.service, dataset)
    erasing = dataset.model_copy(update={"erasure": dataset.erasure.model_copy(update={"action": "anonymise"})})
    with pytest.raises(DataMapInvalid, match=told):
        place.connector.check(place.service, erasing)


@pytest.mark.filterwarnings("ignore:Testing an element's truth value:DeprecationWarning")  # in the SDK
async def test_a_token_that_is_not_for_storage_erases_nothing(azurite):
    made = ByPartitionKey(azurite)
    await made.make()
    await made.put([("anna@x.example", HERE, row(1))])
    denied = ByPartitionKey(Denied(azurite))
    denied.dataset, denied.service = made.dataset, made.service
    with pytest.raises(Permanent, match="access_denied"):
        await denied.erase(ANNA)
    assert await made.count(ANNA) == 1


class Denied(Strangers):
    """Stores as somebody without rights sees them, who never gets so far as to write."""

    def transactions(self, store, table):
        return None
