"""Customers held in memory."""

from shared.domain.errors import AlreadyThere, StaleState
from shared.domain.tenant import Tenant
from shared.ports.requests import Versioned


class MemoryTenants:
    """Customers by tenant id; the ETag counts writes."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Tenant, int]] = {}

    async def read(self, tenant_id: str) -> Versioned[Tenant] | None:
        """Return a customer."""
        found = self._kept.get(tenant_id)
        return None if found is None else Versioned(row=found[0], etag=str(found[1]))

    async def write(self, tenant: Tenant, etag: str | None) -> str:
        """Write a customer."""
        found = self._kept.get(tenant.id)
        if etag is None and found is not None:
            raise AlreadyThere
        if etag is not None and (found is None or str(found[1]) != etag):
            raise StaleState(tenant.id)
        version = 1 if found is None else found[1] + 1
        self._kept[tenant.id] = (tenant, version)
        return str(version)
