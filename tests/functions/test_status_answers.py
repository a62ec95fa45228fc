"""A request's page where people decide, ask or pass on: what it says, why, and what its person can do about it."""

import re

from builders import (
    CONTOSO,
    HOME,
    MIRA,
    START,
    Person,
    data_map,
    dataset,
    memory_services,
    service,
    session_of,
    standard_services,
)
from builders import by as found_by
from checked import CANARY, call
from written_texts import texts

from shared.domain.request import RequestId
from shared.domain.states import State
from shared.domain.tenant import Tenant, Terms
from shared.messages.decision_inputs import ConfirmVerdict, ProposeVerdict

HTML = {"Accept": "text/html"}
TOLD = texts("en")
OLGA = Person(
    given="Olga",
    surname="de Wit",
    email="olga@spinpanel.example",
    tenant=HOME,
    object_id="dddddddd-0000-4000-8000-00000000000d",
)
OTTO = Person(
    given="Otto",
    surname="Smit",
    email="otto@spinpanel.example",
    tenant=HOME,
    object_id="eeeeeeee-0000-4000-8000-00000000000e",
)
WHY = "We checked it against the register of March."


def world_of():
    world = memory_services()
    fields = [
        {"name": "oid", "category": "user.unique_id", "rectify": "no"},
        {"name": "mail", "category": "user.contact.email"},
        {"name": "name", "category": "user.name", "rectify": "checked"},
    ]
    ways = [found_by("entra_object_id", "oid"), found_by("email", "mail")]
    weighed = {"id": "measuring", "en": "To measure visits", "nl": "Om bezoek te meten"}
    world.maps.map = data_map(
        [
            service(
                "directory",
                dataset("users", tenancy="none", fields=fields, found_by=ways),
                dataset(
                    "visits",
                    tenancy="none",
                    fields=["mail"],
                    found_by=[ways[1]],
                    purposes=[weighed],
                    legal_basis="A6-1-f",
                ),
            )
        ]
    )
    return world


async def ask(world, *fields: tuple[str, str]) -> tuple[RequestId, str]:
    """Ask by the form and prove the address; return the request and the session's cookie."""
    await call("page_asked", "POST", "/api/privacy", form={"email": MIRA.email, **dict(fields)}, headers=HTML)
    request_id = RequestId(str(world.bus.sent[-1].command.request_id))
    given = {"code": world.references.code(request_id, 1)}
    proven = await call(
        "page_verified", "POST", f"/api/privacy/{request_id}/verify", form=given, request_id=request_id, headers=HTML
    )
    await world.drain()
    return request_id, re.match(r"privacy_session=([^;]+)", proven.headers["set-cookie"])[1]


async def page(request_id: str, cookie: str) -> str:
    shown = await call(
        "page_status", "GET", f"/api/privacy/{request_id}", cookie=cookie, headers=HTML, request_id=request_id
    )
    assert shown.status == 200
    return shown.text


async def post(function: str, way: str, request_id: str, cookie: str, **fields: str):
    at = f"/api/privacy/{request_id}/{way}"
    return await call(function, "POST", at, form=fields, cookie=cookie, headers=HTML, request_id=request_id)


async def decide(world, request_id: RequestId, **given):
    first, second = (
        OLGA.caller("Privacy.Operator", "Privacy.Reviewer"),
        OTTO.caller("Privacy.Operator", "Privacy.Reviewer"),
    )
    proposed = await world.deciding_parts.propose(first, request_id, ProposeVerdict(**given))
    if given["outcome"] != "granted":
        (verdict,) = proposed.verdicts
        confirm = ConfirmVerdict.model_validate({"part": given.get("part"), "verdictHash": verdict.hash})
        await world.deciding_parts.confirm(second, request_id, confirm)
    await world.drain()


RECTIFICATION = (("right", "rectification"), ("field-1", "users/name"), ("value-1", "Mira Novak"))


async def test_a_refusal_gives_its_reason_in_words_and_the_ways_to_complain():
    world = world_of()
    request_id, cookie = await ask(world, *RECTIFICATION)
    waiting = await page(request_id, cookie)
    assert TOLD["status.means.deciding"] in waiting
    assert TOLD["remedies.court"] not in waiting
    await decide(world, request_id, part=0, outcome="refused", ground="accuracy_established", text=WHY)
    assert (await world.requests.read(request_id)).row.state is State.REFUSED
    shown = await page(request_id, cookie)
    mailed = world.mailer.sent[-1]
    for told in (TOLD["grounds.accuracy_established"], WHY, TOLD["remedies.court"]):
        assert told in shown
        assert told in mailed.text
    assert TOLD["outcomes.refused"] in shown
    assert mailed.subject == TOLD["mails.settled.subject"]


async def test_what_was_corrected_is_named_by_its_kind_and_not_by_its_value():
    world = world_of()
    request_id, cookie = await ask(world, *RECTIFICATION)
    await decide(world, request_id, part=0, outcome="granted")
    shown, mailed = await page(request_id, cookie), world.mailer.sent[-1]
    assert "<bdi>Users</bdi>: Name" in shown
    assert "- Users: Name" in mailed.text
    assert TOLD["mails.settled.granted.rectification"] in mailed.text
    assert "Novak" not in shown + mailed.text + mailed.html
    assert TOLD["remedies.court"] not in mailed.text


async def test_a_refusal_of_all_of_it_is_told_as_a_decision_of_people():
    world = world_of()
    request_id, cookie = await ask(world, *RECTIFICATION)
    await decide(world, request_id, outcome="refused", ground="manifestly_excessive", text=WHY)
    shown, mailed = await page(request_id, cookie), world.mailer.sent[-1]
    assert TOLD["status.means.refused_by_people"] in shown
    for told in (TOLD["grounds.manifestly_excessive"], WHY, TOLD["remedies.court"]):
        assert told in shown
        assert told in mailed.text
    assert mailed.subject == TOLD["mails.refused.subject"]


async def test_a_question_is_asked_on_the_page_and_answered_there():
    world = world_of()
    request_id, cookie = await ask(world, *RECTIFICATION)
    await world.clarifying.ask(OLGA.caller("Privacy.Operator"), request_id, "Which of your two names is it about?")
    await world.drain()
    mailed = world.mailer.sent[-1]
    assert "Which of your two names is it about?" in mailed.text
    assert f"/api/privacy/{request_id}" in mailed.text
    shown = await page(request_id, cookie)
    assert "Which of your two names is it about?" in shown
    for nothing in ("", "x" * 4001):
        again = await post("page_clarify", "clarification", request_id, cookie, answer=nothing)
        assert again.status == 422
        assert 'href="#answer"' in again.text
    assert (await world.requests.read(request_id)).row.state is State.CLARIFYING
    assert (await post("page_clarify", "clarification", request_id, cookie, answer=CANARY)).status == 303
    await world.drain()
    request = (await world.requests.read(request_id)).row
    assert request.state is State.DECIDING
    assert (await world.dossiers.of(request)).questions[-1].answer == CANARY
    assert "Which of your two names" not in await page(request_id, cookie)


async def test_a_restriction_can_be_ended_by_its_person_alone_and_asks_whether_they_are_sure():
    world = world_of()
    request_id, cookie = await ask(world, ("right", "restriction"), ("ground", "18-1-b"), ("dataset", "users"))
    shown = await page(request_id, cookie)
    assert TOLD["status.lift_sure"] in shown
    assert TOLD["states.completed.restriction"] in shown
    unsure = await post("page_lift", "lift", request_id, cookie)
    assert unsure.status == 422
    assert 'href="#sure-lift"' in unsure.text
    assert (await world.requests.read(request_id)).row.lifting is None
    assert (await post("page_lift", "lift", request_id, cookie, sure="yes")).status == 303
    assert (await world.requests.read(request_id)).row.lifting.done_at is not None
    assert TOLD["status.lift_sure"] not in await page(request_id, cookie)


async def test_an_old_proof_is_asked_anew_before_a_restriction_ends():
    world = world_of()
    request_id, cookie = await ask(world, ("right", "restriction"), ("ground", "18-1-b"))
    world.clock.advance(minutes=20)
    shown = await page(request_id, cookie)
    assert TOLD["status.proof.lift"] in shown
    assert TOLD["status.lift_sure"] not in shown
    assert (await post("page_lift", "lift", request_id, cookie, sure="yes")).status == 303
    assert (await world.requests.read(request_id)).row.lifting is None


async def test_the_end_of_a_restriction_is_told_before_with_its_reason():
    world = world_of()
    request_id, cookie = await ask(world, ("right", "restriction"), ("ground", "18-1-a"))
    await world.lifting_measures.announce(OLGA.caller("Privacy.Operator"), request_id, WHY)
    await world.drain()
    mailed = world.mailer.sent[-1]
    assert mailed.subject == TOLD["mails.lifting.subject"]
    for text in (mailed.text, await page(request_id, cookie)):
        assert WHY in text
        assert TOLD["remedies.court"] in text
    assert TOLD["status.lifting_title"] in await page(request_id, cookie)


async def test_somebody_elses_question_can_be_neither_seen_nor_answered():
    world = world_of()
    request_id, _ = await ask(world, *RECTIFICATION)
    await world.clarifying.ask(OLGA.caller("Privacy.Operator"), request_id, "Which of your two names is it about?")
    await call("page_asked", "POST", "/api/privacy", form={"email": "x@example.org", "right": "access"}, headers=HTML)
    other = RequestId(str(world.bus.sent[-1].command.request_id))
    proven = await call(
        "page_verified",
        "POST",
        f"/api/privacy/{other}/verify",
        form={"code": world.references.code(other, 1)},
        request_id=other,
        headers=HTML,
    )
    cookie = re.match(r"privacy_session=([^;]+)", proven.headers["set-cookie"])[1]
    answer = await post("page_clarify", "clarification", request_id, cookie, answer="Mine")
    assert answer.status == 404
    assert "two names" not in answer.whole


async def test_an_extension_is_told_on_the_page_with_its_reason_and_the_new_day():
    world = world_of()
    request_id, cookie = await ask(world, *RECTIFICATION)
    await world.extending(OLGA.caller("Privacy.Operator"), request_id, "complexity")
    await world.drain()
    mailed, shown = world.mailer.sent[-1], await page(request_id, cookie)
    for text in (mailed.text, shown):
        assert TOLD["mails.extended.reasons.complexity"] in text
        assert "2 February 2027" in text
        assert TOLD["remedies.court"] in text
    assert TOLD["states.extended"] in shown


async def test_a_part_that_goes_to_an_organisation_is_shown_beside_ones_own_and_opens_with_the_same_proof():
    world = memory_services()
    usage = dataset("activity", fields=["oid", "action"], found_by=[found_by("entra_object_id", "oid")])
    directory, _, *others = standard_services()
    world.maps.map = data_map([directory, service("usage", usage, role="processor"), *others])
    terms = Terms(version=1, since=START)
    await world.tenants.write(
        Tenant(id=CONTOSO, name="Contoso", contacts=("dpo@contoso.example",), terms=(terms,)), None
    )
    world.tokens.introduce("mira", MIRA.principal())
    body = {"rights": ["access"], "email": MIRA.email}
    made = await call("request_submit", "POST", "/api/v1/requests", body=body, token="mira")
    request_id = RequestId(made.json["id"])
    await world.confirm_identity(request_id, world.references.code(request_id, 1))
    await world.drain()
    cookie = session_of(world, request_id)
    (linked,) = (await world.requests.read(request_id)).row.linked
    shown, part = await page(request_id, cookie), await page(linked, cookie)
    assert f"/api/privacy/{linked}" in shown
    assert TOLD["states.forwarded"] in shown
    assert TOLD["status.means.forwarded"] in part
    assert f"/api/privacy/{request_id}" in part
    assert "Contoso" not in shown + part
    letters = {mail.subject: mail for mail in world.mailer.sent}
    told, asked = letters[TOLD["mails.forwarded.subject"]], letters[TOLD["mails.controller_asked.subject"]]
    assert (told.to, asked.to) == (MIRA.email, "dpo@contoso.example")
    assert "Contoso" not in told.text
    for secret in (MIRA.email, MIRA.surname, MIRA.object_id, request_id):
        assert secret not in asked.text + asked.html
