"""A customer's record: its terms, which are appended to and never changed, its contacts, its delegations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.domain.errors import AlreadyThere, Conflict, InvalidInput, NotFound, StaleState
from shared.domain.identity import EMAIL, normalise
from shared.domain.tenant import Delegation, Tenant, Terms
from shared.messages.tenant_inputs import PutSelfService, PutTenant, PutTerms
from shared.ports.requests import Versioned
from shared.ports.tenants import Tenants
from shared.ports.world import Clock
from shared.rights import discovered
from shared.use_cases.acting_for_tenants import ActingForTenants
from shared.use_cases.caller import Caller, require_operator

_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantTerms:
    """Operators write what was agreed; administrators what their users may start by themselves."""

    tenants: Tenants
    acting: ActingForTenants
    clock: Clock
    home_tenant: str

    async def read(self, caller: Caller, tenant_id: str) -> Versioned[Tenant]:
        """Return a customer's record, for operators.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator.
            NotFound: there is none.
        """
        require_operator(caller, self.home_tenant)
        read = await self.tenants.read(tenant_id)
        if read is None:
            raise NotFound
        return read

    async def put(self, caller: Caller, tenant_id: str, given: PutTenant, etag: str | None) -> Versioned[Tenant]:
        """Write a customer's record, new without an `etag`, else as a change of what was read with it.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator.
            InvalidInput: a right or a mailbox that is none.
            Conflict: `already_there`.
            StaleState: it is not what was read any more.
        """
        require_operator(caller, self.home_tenant)
        read = await self.tenants.read(tenant_id)
        if etag is None and read is not None:
            raise Conflict("already_there")
        if etag is not None and (read is None or read.etag != etag):
            raise StaleState(tenant_id)
        tenant = self._tenant(tenant_id, given, () if read is None else read.row.terms)
        try:
            return Versioned(row=tenant, etag=await self.tenants.write(tenant, etag))
        except AlreadyThere:
            raise Conflict("already_there") from None

    async def restrict(self, caller: Caller, tenant_id: str, given: PutSelfService) -> Tenant:
        """Say what a customer's users may not start by themselves. A right that somebody has is never among it.

        Raises:
            NotSignedIn, NotAllowed, NotFound: as `ActingForTenants` says.
            StaleState: the record changes faster than it can be read.
        """
        for _ in range(_TRIES):
            acting = await self.acting.admit(caller, tenant_id)
            tenant = acting.tenant.row.model_copy(update={"self_service": given.restricted})
            try:
                await self.tenants.write(tenant, acting.tenant.etag)
            except StaleState:
                continue
            return tenant
        raise StaleState(tenant_id)

    def _tenant(self, tenant_id: str, given: PutTenant, before: tuple[Terms, ...]) -> Tenant:
        if not given.terms.answers <= discovered().keys():
            raise InvalidInput("terms.answers", "unknown")
        return Tenant(
            id=tenant_id,
            name=given.name,
            language=given.language,
            contacts=_mailboxes(given.contacts),
            others=_mailboxes(given.others),
            terms=_appended(before, given.terms, self.clock()),
            delegations=tuple(
                Delegation(kind=one.kind, tenant=one.tenant, until=one.until, contacts=_mailboxes(one.contacts))
                for one in given.delegations
            ),
            self_service=given.self_service,
        )


def _mailboxes(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(normalise(EMAIL, one) for one in given))


def _appended(before: tuple[Terms, ...], given: PutTerms, now: datetime) -> tuple[Terms, ...]:
    """Return every version of the terms: what is in force already is no new one."""
    said = given.model_dump()
    if before and before[-1].model_dump(include=set(said)) == said:
        return before
    return (*before, Terms(version=len(before) + 1, since=now, **said))
