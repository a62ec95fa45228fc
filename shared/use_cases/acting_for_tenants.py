"""Who may act for a customer: its own administrators, and whoever it delegated to, for as long as that lasts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.domain.errors import NotFound
from shared.domain.tenant import Tenant
from shared.ports.requests import Versioned
from shared.ports.tenants import Tenants
from shared.ports.world import Clock, Principal
from shared.use_cases.caller import ADMINISTRATOR, PARTNER, Caller, require_administrator

_DELEGATED: Mapping[str, str] = {PARTNER: "partner", ADMINISTRATOR: "administrator"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """Somebody who may act for a customer, and the customer's record as it was read."""

    principal: Principal
    tenant: Versioned[Tenant]

    @property
    def name(self) -> str:
        """Who it is, on record: tenant and object id."""
        return f"{self.principal.tenant}/{self.principal.object_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingForTenants:
    """Asked at every call. A tenant that is not the caller's to act for answers like one that does not exist."""

    tenants: Tenants
    clock: Clock

    async def admit(self, caller: Caller, tenant_id: str) -> Acting:
        """Return who acts.

        Raises:
            NotSignedIn, NotAllowed: the caller has no token of an administrator or partner.
            NotFound: there is no such customer, or nothing lets the caller act for it.
        """
        principal = require_administrator(caller)
        read = await self.tenants.read(tenant_id)
        if read is None or not self._may(principal, read.row, self.clock()):
            raise NotFound
        return Acting(principal=principal, tenant=read)

    async def still_may(self, name: str, tenant_id: str) -> bool:
        """Tell whether whoever decided under this name may act for the customer now, as far as its records say."""
        read = await self.tenants.read(tenant_id)
        home, _, _ = name.partition("/")
        if read is None:
            return False
        now = self.clock()
        return home == tenant_id or any(
            one.tenant == home for kind in _DELEGATED.values() for one in read.row.delegates(kind, now)
        )

    @staticmethod
    def _may(principal: Principal, tenant: Tenant, now: datetime) -> bool:
        if ADMINISTRATOR in principal.roles and principal.tenant == tenant.id:
            return True
        return any(
            delegation.tenant == principal.tenant
            for role, kind in _DELEGATED.items()
            if role in principal.roles
            for delegation in tenant.delegates(kind, now)
        )
