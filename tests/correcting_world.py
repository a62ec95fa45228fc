"""A company whose records can be corrected over memory, and corrections brought to where a test begins."""

from typing import Any

from asking import asked, now
from builders import (
    MIRA,
    NAMESAKE,
    TOM,
    FixedMaps,
    MemoryServices,
    Person,
    by,
    data_map,
    dataset,
    memory_services,
    put,
    service,
    standard_services,
    text,
)

from shared.adapters.memory_egress import MemoryEgress
from shared.domain.request import Request

HOOK = "https://partner.example/corrections"
BOX = "privacy@courier.example"
RIGHT = "Mira Horvat"


def correctable_services() -> list[dict[str, Any]]:
    """A profile that people change by themselves, one that is looked at first, and a record of what was."""
    told = {"purpose": text("Selling"), "country": "IE"}
    hook = {"how": "http", "address": HOOK, "identifier": "entra_object_id", "received": "sharedWith"}
    box = {"how": "mail", "address": BOX, "identifier": "entra_object_id"}
    profiles = dataset(
        "profiles",
        fields=[
            "oid",
            {"name": "name", "category": "user.name", "rectify": "self"},
            {"name": "floor", "category": "user", "rectify": "self"},
            {"name": "title", "category": "user.job_title", "rectify": "checked"},
            {"name": "signedIn", "category": "user.behavior", "rectify": "no"},
            {"name": "secret", "category": "system", "withhold": text("A key")},
            "sharedWith",
        ],
        found_by=[by("entra_object_id", "oid")],
        recipients=[
            told | {"name": "Partner", "id": "partner", "notify": hook},
            told | {"name": "Courier", "id": "courier", "notify": box},
        ],
    )
    letters = dataset(
        "letters",
        tenancy="none",
        fields=["to", {"name": "greeting", "category": "user.name", "rectify": "self"}],
        found_by=[by("email", "to")],
    )
    return [*standard_services(), service("people", profiles), service("mailing", letters)]


def correcting_world(services: list[dict[str, Any]] | None = None, **overrides: Any) -> MemoryServices:
    """The service over that company, with records of Mira, Tom and Mira's namesake in every place."""
    told = {"maps": FixedMaps(data_map(services or correctable_services())), "egress": MemoryEgress()}
    world = memory_services(**told | overrides)
    for person in (MIRA, TOM, NAMESAKE):
        own = {"tenant": person.tenant, "oid": person.object_id}
        put(world.store, "profiles", own | profile(person), own | profile(person) | {"sharedWith": ["partner"]})
        put(world.store, "letters", {"to": person.email, "greeting": person.given})
    return world


def profile(person: Person) -> dict[str, Any]:
    return {"name": person.surname, "floor": 3, "title": "Clerk", "signedIn": "2026-10-01", "sharedWith": []}


def correction(field: str = "name", value: str = RIGHT, dataset: str = "profiles") -> dict[str, str]:
    return {"dataset": dataset, "field": field, "value": value}


async def correcting(
    world: MemoryServices, *corrections: dict[str, str], person: Person = MIRA, statement: str | None = None
) -> Request:
    """A correction that was asked for by somebody who is signed in, as far as it goes by itself."""
    ask = {"corrections": list(corrections)} | ({"statement": statement} if statement else {})
    request = await asked(
        world, person, signed_in=True, email=False, rights=("rectification",), details={"rectification": ask}
    )
    await world.drain()
    return await now(world, request.id)


def profiles_of(world: MemoryServices, person: Person) -> list[dict[str, Any]]:
    rows = world.store.drawers["memory", "profiles"].rows
    return [dict(row) for row in rows if row["oid"] == person.object_id]
