"""Which clients are built, once, and with what credential."""

import pytest

from shared.adapters.azure_clients import AzureClients, AzureStores
from shared.adapters.memory_egress import MemoryEgress
from shared.adapters.sql_engines import SqlEngines
from shared.domain.errors import Permanent

URL = "https://account.table.core.windows.net"


class Credential:
    def __init__(self):
        self.closed = 0

    async def get_token_info(self, *scopes, options=None):
        raise NotImplementedError

    async def get_token(self, *scopes, **options):
        raise NotImplementedError

    async def close(self):
        self.closed += 1


async def test_each_client_is_built_once_and_a_lent_credential_is_left_open():
    credential = Credential()
    clients = AzureClients(credential=credential)
    assert clients.table(URL, "One") is clients.table(URL, "One")
    assert clients.table(URL, "One") is not clients.table(URL, "Two")
    assert clients.tables(URL) is clients.tables(URL)
    assert clients.blobs(URL) is clients.blobs(URL)
    assert clients.credential() is credential
    await clients.close()
    await clients.close()
    assert credential.closed == 0


async def test_the_platforms_identity_is_used_where_there_is_one(monkeypatch):
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:9/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "secret")
    clients = AzureClients(client_id="00000000-0000-4000-8000-000000000001")
    assert type(clients.credential()).__name__ == "ManagedIdentityCredential"
    assert clients.credential() is clients.credential()
    await clients.close()


async def test_elsewhere_whoever_is_signed_in_is_used(monkeypatch):
    monkeypatch.delenv("IDENTITY_ENDPOINT", raising=False)
    clients = AzureClients()
    assert type(clients.credential()).__name__ == "DefaultAzureCredential"
    await clients.close()


async def test_stores_are_found_by_name_and_unknown_ones_refused():
    clients = AzureClients(credential=Credential())
    own = object()
    stores = AzureStores(
        clients,
        tables={"SPIN_DATA": URL},
        blobs={"SPIN_DATA": URL.replace("table", "blob")},
        sql=SqlEngines({}, Credential),
        egress=MemoryEgress,
        own=lambda: own,
    )
    assert stores.tables("spin-data") is clients.tables(URL)
    assert stores.own() is own
    assert stores.blobs("spin_data") is clients.blobs(URL.replace("table", "blob"))
    for find in (stores.tables, stores.blobs):
        with pytest.raises(Permanent) as refused:
            find("other")
        assert refused.value.code == "store_unknown"
    await clients.close()
