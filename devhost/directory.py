"""Finds the sample company's tenants and people by their short names."""

import uuid

from devhost.errors import StackError
from samples.people import PEOPLE, TENANTS, Person


def tenant_id(given: str) -> str:
    """The GUID behind a tenant's short name; a GUID stays what it is."""
    return _resolve(given, {short: tenant.id for short, tenant in TENANTS.items()}, "tenant")


def user_id(tenant: str, given: str) -> str:
    """The GUID behind a person's short name in a tenant; a GUID stays what it is."""
    return _resolve(given, {person.short: person.oid for person in members(tenant)}, "user")


def members(tenant: str) -> list[Person]:
    """The people of the tenant with this GUID."""
    return [person for person in PEOPLE.values() if person.tenant == tenant]


def find(tenant: str, user: str) -> Person | None:
    """The person with these GUIDs, when there is one in the sample company."""
    return next((person for person in members(tenant) if person.oid == user), None)


def _resolve(given: str, known: dict[str, str], what: str) -> str:
    if given in known:
        return known[given]
    try:
        return str(uuid.UUID(given))
    except ValueError:
        names = ", ".join(known) or "none here"
        raise StackError(f"unknown {what} {given!r}: give a GUID or one of: {names}") from None
