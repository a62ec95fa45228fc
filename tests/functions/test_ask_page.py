"""The form for every right: what it offers, what it takes, and what goes back into it."""

import pytest
from builders import MIRA, data_map, dataset, memory_services, service
from builders import by as found_by
from checked import CANARY, call

from functions._rights_asked import CHOICES
from shared.domain.dossier import Dossier

HTML = {"Accept": "text/html"}


def purpose(name: str, **more):
    return {"id": name, "en": f"To {name}", "nl": f"Om te {name}"} | more


SERVICES = [
    service(
        "profiles",
        dataset(
            "people",
            fields=[
                {"name": "oid", "category": "user.unique_id", "rectify": "no"},
                {"name": "mail", "category": "user.contact.email", "rectify": "self"},
                {"name": "nick", "category": "user.name", "rectify": "checked"},
            ],
            found_by=[found_by("entra_object_id", "oid"), found_by("email", "mail")],
        ),
        dataset(
            "news",
            fields=["mail"],
            found_by=[found_by("email", "mail")],
            purposes=[purpose("write", direct_marketing=True)],
            legal_basis="A6-1-a",
        ),
        dataset(
            "visits",
            fields=["mail"],
            found_by=[found_by("email", "mail")],
            purposes=[purpose("measure")],
            legal_basis="A6-1-f",
        ),
    )
]


def world_of(**more):
    world = memory_services(**more)
    world.maps.map = data_map(SERVICES)
    return world


async def show(right: str):
    return await call("page_ask", "GET", f"/api/privacy?right={right}", headers=HTML)


async def post(**fields):
    return await call("page_asked", "POST", "/api/privacy", form=fields, headers=HTML)


async def dossier_of(world) -> Dossier:
    request = (await world.requests.read(str(world.bus.sent[-1].command.request_id))).row
    return await world.dossiers.of(request)


async def test_the_first_page_leads_to_a_form_for_every_right():
    world_of()
    first = await call("page_ask", "GET", "/api/privacy", headers=HTML)
    for choice in CHOICES:
        assert f'href="/api/privacy?right={choice}&amp;language=en"' in first.text
        shown = await show(choice)
        assert shown.status == 200
        assert f'name="right" value="{choice}"' in shown.text
    assert (await show("inquiry")).text == first.text


@pytest.mark.parametrize(
    ("right", "there", "missing"),
    [
        ("rectification", ["people/mail", "people/nick"], ["people/oid"]),
        ("erasure", ["dataset-people", "dataset-news"], []),
        ("objection", ["purpose-write", "purpose-measure"], ["purpose-showing"]),
        ("withdraw_consent", ["purpose-write"], ["purpose-measure", "purpose-showing"]),
        ("access", [], ["dataset-", "purpose-"]),
    ],
)
async def test_a_form_offers_what_the_right_reaches_and_no_more(right, there, missing):
    world_of()
    text = (await show(right)).text
    for one in there:
        assert f'"{one}"' in text
    for one in missing:
        assert f'"{one}' not in text


async def test_what_is_filled_in_is_sealed_with_the_request():
    world = world_of()
    fields = {"field-1": "people/nick", "value-1": "Mir", "field-3": "people/mail", "value-3": "new@contoso.example"}
    assert (await post(right="rectification", email=MIRA.email, **fields)).status == 200
    asked = (await dossier_of(world)).ask("rectification")
    assert [(one.dataset, one.field, one.value) for one in asked.corrections] == [
        ("people", "nick", "Mir"),
        ("people", "mail", "new@contoso.example"),
    ]


async def test_ticks_are_the_scope_of_what_is_asked():
    world = world_of()
    assert (await post(right="objection", email=MIRA.email, purpose="measure", statement="Because")).status == 200
    asked = (await dossier_of(world)).ask("objection")
    assert (asked.purposes, asked.statement) == (("measure",), "Because")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"right": "rectification"}, "field-1"),
        ({"right": "restriction"}, "ground"),
        ({"right": "restriction", "ground": "18-1-z"}, "ground"),
        ({"right": "complaint"}, "statement"),
        ({"right": "complaint", "statement": "x" * 4001}, "statement"),
        ({"right": "complaint", "statement": "It", "about": CANARY}, "about"),
        ({"right": "erasure", "dataset": f"<{CANARY}>"}, "scope"),
        ({"right": "access", "representative": "yes", "representative_email": "p@example.org"}, "relation"),
        ({"right": "access", "representative": "yes", "relation": "parent"}, "representative_email"),
    ],
)
async def test_what_is_not_right_is_named_and_nothing_is_received(fields, fault):
    world = world_of()
    answer = await post(email=MIRA.email, **fields)
    assert answer.status == 422
    assert f'href="#{fault}"' in answer.text
    assert world.bus.sent == []


async def test_what_was_filled_in_comes_back_but_for_addresses():
    world_of()
    answer = await post(
        right="restriction",
        ground="18-1-b",
        dataset="news",
        statement="<b>I said</b>",
        email=CANARY,
        representative="yes",
        relation="guardian",
        representative_email=f"{CANARY}@example.org",
    )
    assert answer.status == 422
    assert "&lt;b&gt;I said&lt;/b&gt;" in answer.text
    for kept in ('value="18-1-b" checked', 'value="news" checked', 'value="guardian" checked'):
        assert kept in answer.text
    assert CANARY not in answer.whole


async def test_whoever_asks_for_somebody_else_says_so():
    world = world_of()
    fields = {"representative": "yes", "relation": "parent", "representative_email": "p@example.org", "child": "yes"}
    assert (await post(right="access", email=MIRA.email, **fields)).status == 200
    representative = (await dossier_of(world)).representative
    assert representative is not None
    assert (representative.relation, representative.email, representative.child) == ("parent", "p@example.org", True)


async def test_signing_in_is_offered_where_no_details_are_needed():
    world_of()
    for right, offers in (("access", True), ("withdraw_consent", True), ("rectification", False)):
        assert ("/api/privacy/sign-in" in (await show(right)).text) == offers
    world_of(sign_in_client_id=None)
    assert "/api/privacy/sign-in" not in (await show("access")).text
