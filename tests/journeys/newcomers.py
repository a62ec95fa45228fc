"""Organisations and people that only some journeys know: they become customers over HTTP, and leave records behind."""

from typing import Any

from person import Person as Visitor
from visitors import Visitors

from samples.company import places, records_of
from samples.loading import open_stores
from samples.people import PEOPLE, Person, Tenant
from samples.records.shapes import Blob, Row, SqlRow

INSTRUCTED = ("access", "portability", "erasure", "rectification", "restriction")


async def desk(visitors: Visitors, who: str, *roles: str) -> Visitor:
    """One of Spinpanel's own people, as operator and with more roles where they are named."""
    return await visitors.signed_in(PEOPLE[who], "Privacy.Operator", *roles)


async def become_customers(visitors: Visitors, *tenants: Tenant, answers: tuple[str, ...] = ()) -> None:
    """Let an operator write customers' records; `answers` are the rights that their terms let Spinpanel answer."""
    olga = await desk(visitors, "olga")
    for tenant in tenants:
        record: dict[str, Any] = {
            "name": tenant.name,
            "language": "en",
            "contacts": [f"privacy@{tenant.domain}"],
            "others": [f"it@{tenant.domain}"],
            "terms": {"mayNameController": True, "mayDisclose": True, "answers": list(answers)},
        }
        written = await olga.call("PUT", f"/api/v1/ops/tenants/{tenant.id}", json=record)
        assert written.status_code == 200, written.text


async def arrive(told: dict[str, Any], *people: Person) -> None:
    """Write what lies in stores of these people; what many share one file or one system for stays as it is."""
    async with open_stores(told["env"]) as stores:
        await stores.create([], [], places().sql)
        held = (record for person in people for record in records_of(person))
        await stores.write(record for record in held if isinstance(record, Row | SqlRow | Blob))
