"""The stores of the sample company hold no field that the data map does not name, and one that is planted is found."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import text

from shared.connectors._store_fields import unnamed_fields
from shared.data_map_check import drift
from shared.domain.errors import Permanent

pytestmark = pytest.mark.stack


@pytest.fixture
def own_map(sample_map):
    """The map with one dataset alone, in a table, container or database table of its own."""

    def build(dataset_id, **settings):
        service, dataset = next(pair for pair in sample_map.datasets() if pair[1].id == dataset_id)
        alone = dataset.model_copy(update={"settings": dataset.settings | settings})
        return sample_map.model_copy(update={"services": (service.model_copy(update={"datasets": (alone,)}),)})

    return build


@pytest.fixture
def looked(own_map, azurite, sample_database):
    async def look(dataset_id, **settings):
        return await drift(own_map(dataset_id, **settings), Stores(azurite, sample_database))

    return look


class Stores:
    """The clients that the check is given."""

    def __init__(self, azurite, engine):
        self.tables, self.blobs, self._engine = azurite.tables, azurite.blobs, engine

    def sql(self, _store):
        return self._engine


async def test_every_store_of_the_sample_company_holds_what_the_map_names(filled, sample_map, azurite, sample_database):
    assert filled
    told, looked_at = await drift(sample_map, Stores(azurite, sample_database))
    assert told == []
    assert looked_at > 30


async def test_a_property_that_the_map_does_not_name_is_found(looked, azurite):
    table = azurite.tables("spindata").get_table_client(f"drift{uuid4().hex}")
    await table.create_table()
    await table.create_entity({"PartitionKey": "t", "RowKey": "1", "tenantId": "t", "shoeSize": 43})
    told, looked_at = await looked("directory-users", table=table.table_name)
    assert told == ["dataset directory-users: field shoeSize: is stored, and the map does not name it"]
    assert looked_at == 1


@pytest.mark.parametrize(
    ("dataset", "name"), [("issued-settings", "t/d.json"), ("chat-messages", "messages/1.jsonl")], ids=["json", "lines"]
)
async def test_a_key_that_the_map_does_not_name_is_found(looked, azurite, dataset, name):
    container = azurite.blobs("spindata").get_container_client(f"drift-{uuid4().hex}")
    await container.create_container()
    await container.upload_blob(name, json.dumps({"tenantId": "t", "mood": {"of": "today"}}).encode() + b"\n")
    told, _ = await looked(dataset, container=container.container_name)
    assert [one for one in told if "mood" in one] == [
        f"dataset {dataset}: field mood: is stored, and the map does not name it"
    ]


async def test_a_column_that_the_map_does_not_name_is_found(looked, sample_database):
    name = f"drift_{uuid4().hex}"
    async with sample_database.begin() as connection:
        await connection.execute(text(f"CREATE TABLE {name} (tenantId TEXT, contactId TEXT, nickname TEXT)"))
    told, _ = await looked("company-contacts", table=name)
    assert told == ["dataset company-contacts: field nickname: is stored, and the map does not name it"]


async def test_a_key_inside_json_text_is_found_where_the_map_names_its_neighbour(sample_map, azurite):
    service, dataset = next(pair for pair in sample_map.datasets() if pair[1].id == "marketplace-leads")
    table = azurite.tables("spindata").get_table_client(f"drift{uuid4().hex}")
    await table.create_table()
    lead = json.dumps({"SharedWith": [], "Secret": 1})
    await table.create_entity({"PartitionKey": "2025", "RowKey": "1", "lead": lead, "receivedAt": "now"})
    inside = tuple(
        one.model_copy(update={"name": "lead.SharedWith"}) if one.name == "lead" else one for one in dataset.fields
    )
    apart = dataset.model_copy(update={"fields": inside, "settings": {"table": table.table_name}, "found_by": ()})
    assert await unnamed_fields(Stores(azurite, None), service, apart) == {"lead.Secret"}


async def test_a_store_that_is_not_there_is_told_and_not_passed_over(looked):
    told, looked_at = await looked("directory-users", table="nothere")
    assert told == ["dataset directory-users: its store could not be read: store_missing"]
    assert looked_at == 0


async def test_files_and_systems_outside_cannot_be_asked(sample_map, azurite, sample_database):
    outside = {
        dataset.id
        for service, dataset in sample_map.datasets()
        if await _asked(Stores(azurite, sample_database), service, dataset) is None
    }
    assert {"support-calls", "newsletter-subscriptions", "app-telemetry", "unsolicited-ideas"} <= outside
    assert "directory-users" not in outside


async def _asked(stores, service, dataset):
    try:
        return await unnamed_fields(stores, service, dataset)
    except Permanent:
        return set()
