"""Cases by tenant in an Azure table: PartitionKey is the tenant's id, RowKey the case's."""

from collections.abc import Sequence

from shared.adapters.azure_table import AzureTable
from shared.domain.request import RequestId


class AzureTablesTenantCases:
    """The cursor is the last RowKey given."""

    def __init__(self, table: AzureTable) -> None:
        self._table = table

    async def add(self, tenant_id: str, request_id: RequestId) -> None:
        """Index a case."""
        await self._table.upsert({"PartitionKey": tenant_id, "RowKey": request_id})

    async def page(
        self, tenant_id: str, limit: int, cursor: str | None = None
    ) -> tuple[Sequence[RequestId], str | None]:
        """Return a tenant's cases."""
        text = "PartitionKey eq @tenant and RowKey gt @start"
        bounds = {"tenant": tenant_id, "start": cursor or ""}
        found: list[RequestId] = []
        async for row in self._table.query(text, bounds, limit=limit + 1, select=["RowKey"]):
            found.append(RequestId(row["RowKey"]))
            if len(found) > limit:
                break
        given = found[:limit]
        return given, given[-1] if len(found) > limit else None

    async def remove(self, tenant_id: str, request_id: RequestId) -> None:
        """Take a case out."""
        await self._table.delete(tenant_id, request_id)
