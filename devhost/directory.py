"""The tenants and people whom the local identity provider knows by short names."""

import uuid
from dataclasses import dataclass

from devhost.errors import StackError

_NAMES = uuid.UUID("5b0f6a52-2a52-4f6e-9f0e-6a3c8d1f7c11")


def named_id(*names: str) -> str:
    """The fixed GUID of something that has a short name."""
    return str(uuid.uuid5(_NAMES, ":".join(names)))


@dataclass(frozen=True, slots=True)
class Tenant:
    """A customer, partner, or the company itself."""

    short: str
    name: str

    @property
    def id(self) -> str:
        """The tenant's GUID."""
        return named_id("tenant", self.short)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who can sign in."""

    short: str
    tenant: Tenant
    name: str
    address: str
    roles: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The person's object id in that tenant."""
        return named_id("user", self.tenant.short, self.short)


HOME = Tenant("spinpanel", "Spinpanel B.V.")
NOORDZEE = Tenant("noordzee", "Noordzee Logistiek B.V.")
ALPENBLICK = Tenant("alpenblick", "Alpenblick Touristik GmbH")
CLOUDHUIS = Tenant("cloudhuis", "Cloudhuis Partners B.V.")
TENANTS = (HOME, NOORDZEE, ALPENBLICK, CLOUDHUIS)

PEOPLE = (
    Person("olga", HOME, "Olga Visser", "olga@spinpanel.example", ("Privacy.Operator",)),
    Person("pieter", HOME, "Pieter Smit", "pieter@spinpanel.example", ("Privacy.Operator",)),
    Person("rosa", HOME, "Rosa de Wit", "rosa@spinpanel.example", ("Privacy.Reviewer",)),
    Person("arjen", HOME, "Arjen Kok", "arjen@spinpanel.example", ("Privacy.Auditor",)),
    Person("anna", NOORDZEE, "Anna Jansen", "anna@noordzee.example"),
    Person("bram", NOORDZEE, "Bram Bakker", "bram@noordzee.example"),
    Person("nadia", NOORDZEE, "Nadia El Amrani", "nadia@noordzee.example", ("Privacy.Admin",)),
    Person("max", ALPENBLICK, "Max Müller", "max@alpenblick.example"),
    Person("anna", ALPENBLICK, "Anna Jansen", "anna@noordzee.example"),
    Person("greta", ALPENBLICK, "Greta Huber", "greta@alpenblick.example", ("Privacy.Admin",)),
    Person("sven", CLOUDHUIS, "Sven Mulder", "sven@cloudhuis.example", ("Privacy.Partner",)),
)


def tenant_id(given: str) -> str:
    """The GUID behind a tenant's short name; a GUID stays what it is."""
    return _resolve(given, {tenant.short: tenant.id for tenant in TENANTS}, "tenant")


def user_id(tenant: str, given: str) -> str:
    """The GUID behind a person's short name in a tenant; a GUID stays what it is."""
    return _resolve(given, {p.short: p.id for p in PEOPLE if p.tenant.id == tenant}, "user")


def person(tenant: str, user: str) -> Person | None:
    """The person with these GUIDs, when we know one."""
    return next((p for p in PEOPLE if (p.tenant.id, p.id) == (tenant, user)), None)


def _resolve(given: str, known: dict[str, str], what: str) -> str:
    if given in known:
        return known[given]
    try:
        return str(uuid.UUID(given))
    except ValueError:
        names = ", ".join(known) or "none here"
        raise StackError(f"unknown {what} {given!r}: give a GUID or one of: {names}") from None
