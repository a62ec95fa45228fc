"""The real things that the ports' contracts are run over besides memory."""

import ssl
from uuid import uuid4

import pytest
from http_places import vendor_stores_in
from running_azurite import StorageToken
from sql_places import SqlStores

from shared.adapters.azure_clients import AzureClients
from shared.adapters.azure_table import AzureTable


@pytest.fixture(scope="session")
async def clients(azurite):
    tls = ssl.create_default_context(cafile=str(azurite.tls.bundle))
    clients = AzureClients(credential=StorageToken(), tls=tls)
    yield clients
    await clients.close()


@pytest.fixture
def new_table(azurite, clients):
    """Name a table of the test's own; it is made by the first write."""
    url = azurite.url("tables", "spinstate")
    return lambda name: AzureTable(clients.table(url, f"{name}{uuid4().hex}"))


@pytest.fixture(scope="session")
async def sqlite_stores(tmp_path_factory):
    """A database in a file."""
    stores = SqlStores(f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('sqlite')}/spin.sqlite")
    yield stores
    await stores.close()


@pytest.fixture(scope="session")
async def postgres_stores(postgres):
    """A database of a server."""
    stores = SqlStores(postgres.url())
    yield stores
    await stores.close()


@pytest.fixture(scope="session")
async def vendor_stores(tmp_path_factory):
    """What a vendor holds, and the way to it."""
    async with vendor_stores_in(tmp_path_factory.mktemp("vendor")) as stores:
        yield stores
