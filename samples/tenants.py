"""The sample company's customers with their terms: most let Spinpanel answer for them, one decides by itself."""

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime

from samples import people
from samples.loading import credential_of
from shared.adapters.azure_clients import AzureClients
from shared.adapters.azure_table import AzureTable
from shared.adapters.azure_tables_tenants import AzureTablesTenants
from shared.domain.tenant import Delegation, Tenant, Terms

_SINCE, _UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
_ANSWERED = frozenset({"access", "portability", "erasure", "rectification", "restriction"})
DECIDES_ITSELF = people.VUURTOREN


def customers() -> list[Tenant]:
    """Return every customer, Spinpanel's own tenant among them."""
    return [_customer(one) for one in people.TENANTS.values()]


async def write_customers(env: Mapping[str, str]) -> None:
    """Write every customer's record to the app's own store, the same every time."""
    trust = ssl.create_default_context(cafile=env.get("SSL_CERT_FILE"))
    async with credential_of(env) as credential:
        clients = AzureClients(credential=credential, tls=trust)
        try:
            tenants = AzureTablesTenants(AzureTable(clients.table(env["STATE_TABLES_URL"], "Tenants")))
            for one in customers():
                read = await tenants.read(one.id)
                await tenants.write(one, None if read is None else read.etag)
        finally:
            await clients.close()


def _customer(tenant: people.Tenant) -> Tenant:
    answers = frozenset[str]() if tenant is DECIDES_ITSELF else _ANSWERED
    partner = Delegation(
        kind="partner", tenant=people.CLOUDHUIS.id, until=_UNTIL, contacts=(f"partner@{people.CLOUDHUIS.domain}",)
    )
    return Tenant(
        id=tenant.id,
        name=tenant.name,
        language="nl" if tenant.country == "NL" else "en",
        contacts=(f"privacy@{tenant.domain}",),
        others=(f"it@{tenant.domain}",),
        terms=(Terms(version=1, since=_SINCE, may_name_controller=True, may_disclose=True, answers=answers),),
        delegations=(partner,) if tenant in {people.NOORDZEE, people.VUURTOREN} else (),
    )
