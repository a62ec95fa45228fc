"""Copies that a person has to look through first, and whoever looks."""

from typing import Any

from builders import HOME, MIRA, FixedMaps, MemoryServices, Person, by, data_map, dataset, memory_services, put, service

from shared.messages.review_inputs import ReviewDecisions

ROSA = Person(
    given="Rosa",
    surname="de Wit",
    email="rosa@spinpanel.example",
    tenant=HOME,
    object_id="eeeeeeee-0000-4000-8000-00000000000e",
)
REVIEWER = ROSA.caller("Privacy.Reviewer")


def field(name: str, origin: str = "provided", **more: Any) -> dict[str, Any]:
    return {"name": name, "category": "user.content", "origin": origin} | more


def reviewed_services() -> list[dict[str, Any]]:
    """A dataset as any other, two that others stand in, one that rests on a legal interest, one that others made."""
    return [
        service(
            "directory",
            dataset(
                "users",
                fields=["oid", field("name"), field("score", "derived"), "mail"],
                found_by=[by("entra_object_id", "oid"), by("email", "mail", "resolution")],
                yields=[{"identifier": "entra_object_id", "field": "oid"}],
            ),
        ),
        service(
            "support",
            dataset(
                "tickets",
                tenancy="none",
                fields=[field("from"), field("subject"), field("body", "observed"), field("note", "derived")],
                found_by=[by("email", "from")],
                review=True,
            ),
            dataset("calls", tenancy="none", fields=[field("contact")], found_by=[by("email", "by")], review=True),
        ),
        service(
            "sales",
            dataset(
                "leads",
                tenancy="none",
                fields=[field("mail")],
                found_by=[by("email", "mail")],
                legal_basis="A6-1-f",
            ),
            dataset("ratings", tenancy="none", fields=[field("stars", "derived")], found_by=[by("email", "mail")]),
        ),
    ]


def reviewed_world(**settings: Any) -> MemoryServices:
    world = memory_services(maps=FixedMaps(data_map(reviewed_services())), **settings)
    put(world.store, "leads", {"mail": MIRA.email})
    put(world.store, "ratings", {"mail": MIRA.email, "stars": 5})
    return world


async def decide(world: MemoryServices, request_id: str, *decisions: dict[str, Any]) -> None:
    """Decide as a reviewer."""
    given = ReviewDecisions.model_validate({"decisions": decisions})
    await world.review_desk.decide(REVIEWER, request_id, given)


async def include_all(world: MemoryServices, request_id: str) -> None:
    """Let everything through that waits."""
    request = (await world.requests.read(request_id)).row
    names = {sheet.dataset for sheet in request.review.sheets}
    await decide(world, request_id, *[{"dataset": name, "decision": "include"} for name in sorted(names)])
