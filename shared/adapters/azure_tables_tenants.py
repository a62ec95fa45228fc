"""Customers in an Azure table: PartitionKey is the tenant's id, and there is one row."""

from shared.adapters.azure_table import AzureTable, etag_of
from shared.adapters.azure_tables_rows import packed, unpacked
from shared.domain.tenant import Tenant
from shared.ports.requests import Versioned

_TENANT = "tenant"


class AzureTablesTenants:
    """Customers by tenant id."""

    def __init__(self, table: AzureTable) -> None:
        self._table = table

    async def read(self, tenant_id: str) -> Versioned[Tenant] | None:
        """Return a customer."""
        row = await self._table.get(tenant_id, _TENANT)
        return None if row is None else Versioned(row=unpacked(Tenant, row), etag=etag_of(row))

    async def write(self, tenant: Tenant, etag: str | None) -> str:
        """Write a customer."""
        entity = {"PartitionKey": tenant.id, "RowKey": _TENANT, **packed(tenant)}
        if etag is not None:
            return await self._table.replace(entity, etag)
        return await self._table.insert(entity)
