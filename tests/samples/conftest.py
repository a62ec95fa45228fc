"""The map and the stores that the sample tests share."""

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from samples.company import fill
from samples.company_map import MAP
from samples.loading import Stores
from samples.sql_store import SqlStore
from shared.adapters import yaml_data_map
from shared.connectors import discover


@pytest.fixture(scope="session")
def sample_map():
    connectors = {kind: factory(None) for kind, factory in discover().items()}
    return yaml_data_map.load(MAP, connectors)


class SampleStores:
    """What connectors are given: storage, and one database."""

    def __init__(self, azurite, engine):
        self._azurite = azurite
        self._engine = engine

    def tables(self, store):
        return self._azurite.tables(store)

    def transactions(self, store, table):
        return self._azurite.transactions(store, table)

    def blobs(self, store):
        return self._azurite.blobs(store)

    def sql(self, store):
        assert store == "spinsql"
        return self._engine


@pytest.fixture(scope="session")
async def sample_database(tmp_path_factory):
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('sql') / 'spin.sqlite'}")
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def sample_stores(azurite, sample_database):
    return Stores(azurite.tables("spindata"), azurite.blobs("spindata"), SqlStore(sample_database))


@pytest.fixture(scope="session")
async def filled(azurite, sample_database, sample_stores):
    """The connectors over stores that hold the sample company."""
    await fill(sample_stores)
    return {kind: factory(SampleStores(azurite, sample_database)) for kind, factory in discover().items()}
