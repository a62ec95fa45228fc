"""Customers, and the cases that are theirs to decide."""

from collections.abc import Sequence
from typing import Protocol

from shared.domain.request import RequestId
from shared.domain.tenant import Tenant
from shared.ports.requests import Versioned


class Tenants(Protocol):
    """Customers by tenant id."""

    async def read(self, tenant_id: str) -> Versioned[Tenant] | None:
        """Return a customer, None for one we know nothing of: then deny by default."""
        ...

    async def write(self, tenant: Tenant, etag: str | None) -> str:
        """Write a customer, new with `etag` None, and return its new ETag.

        Raises:
            AlreadyThere: it was to be new and is there.
            StaleState: it changed since it was read.
        """
        ...


class TenantCases(Protocol):
    """Cases by the tenant that decides them. The tenant is always named: there is no way to read across them."""

    async def add(self, tenant_id: str, request_id: RequestId) -> None:
        """Index a case. Twice is once."""
        ...

    async def page(
        self, tenant_id: str, limit: int, cursor: str | None = None
    ) -> tuple[Sequence[RequestId], str | None]:
        """Return a tenant's cases, and a cursor for more or None; no order promised."""
        ...

    async def remove(self, tenant_id: str, request_id: RequestId) -> None:
        """Take a case out of the index; one that is not there is no error."""
        ...
