"""Cases by tenant, held in memory."""

from collections.abc import Sequence

from shared.domain.request import RequestId


class MemoryTenantCases:
    """The cursor is the last id given."""

    def __init__(self) -> None:
        self._cases: dict[str, set[RequestId]] = {}

    async def add(self, tenant_id: str, request_id: RequestId) -> None:
        """Index a case."""
        self._cases.setdefault(tenant_id, set()).add(request_id)

    async def page(
        self, tenant_id: str, limit: int, cursor: str | None = None
    ) -> tuple[Sequence[RequestId], str | None]:
        """Return a tenant's cases."""
        found = sorted(one for one in self._cases.get(tenant_id, ()) if one > (cursor or ""))
        given = found[:limit]
        return given, given[-1] if len(found) > limit else None

    async def remove(self, tenant_id: str, request_id: RequestId) -> None:
        """Take a case out."""
        self._cases.get(tenant_id, set()).discard(request_id)
