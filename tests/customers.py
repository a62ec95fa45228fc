"""Customers with their terms, and a data map in which Spinpanel is controller for some, processor for others."""

from datetime import UTC, datetime
from typing import Any

from asking import asked, now
from builders import (
    CONTOSO,
    FABRIKAM,
    MIRA,
    FixedMaps,
    MemoryServices,
    Person,
    data_map,
    memory_services,
    standard_services,
)

from shared.domain.request import Request
from shared.domain.tenant import Tenant, Terms
from shared.ports.world import Principal
from shared.use_cases.caller import Caller

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = {CONTOSO: "Contoso Ltd.", FABRIKAM: "Fabrikam GmbH"}
OURS, THEIRS = ("signups", "tickets", "calls"), ("users", "activity")
NADIA = Person(
    given="Nadia", surname="El Amrani", email="nadia@contoso.example", object_id="dddddddd-0000-4000-8000-00000000000d"
)


def mixed_services() -> list[dict[str, Any]]:
    """The standard services, with the directory and its usage held as processor, and sign-ups as controller."""
    directory, usage, support = standard_services()
    users, signups = directory["datasets"]
    accounts = directory | {"id": "accounts", "datasets": [signups]}
    return [directory | {"datasets": [users], "role": "processor"}, usage | {"role": "processor"}, accounts, support]


def mixed_world(**overrides: Any) -> MemoryServices:
    """A graph over memory in which Spinpanel has both roles."""
    return memory_services(maps=FixedMaps(data_map(mixed_services())), **overrides)


def customer(tenant: str = CONTOSO, *answers: str, **more: Any) -> Tenant:
    """A customer with a mailbox; `answers` are the rights it lets us answer ourselves."""
    terms = {name: more.pop(name) for name in ("may_name_controller", "may_disclose") if name in more}
    return Tenant(
        **{
            "id": tenant,
            "name": NAMES[tenant],
            "contacts": (f"privacy@{NAMES[tenant].split()[0].lower()}.example",),
            "terms": (Terms(version=1, since=SINCE, answers=frozenset(answers), **terms),),
        }
        | more
    )


def administrator(tenant: str = CONTOSO, *roles: str, object_id: str = NADIA.object_id) -> Caller:
    """Somebody with a token of a customer, an administrator unless other roles are given."""
    principal = Principal(tenant=tenant, object_id=object_id, roles=frozenset(roles or ("Privacy.Admin",)), app=None)
    return Caller(network="n-2", principal=principal)


async def split(world: MemoryServices, person: Person = MIRA, **how: Any) -> tuple[Request, list[Request]]:
    """A signed-in request that was planned, and the cases that were split off it, all that follows delivered."""
    how = {"signed_in": True, "email": False} | how
    request = await asked(world, person, **how)
    await world.drain()
    request = await now(world, request.id)
    return request, [await now(world, one) for one in request.linked]
