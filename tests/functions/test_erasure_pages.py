"""The pages of an erasure: asked for by form or sign-in, its plan to a fresh proof, waived, withdrawn, certified."""

import re

import pytest
from builders import MIRA, TOM, memory_services, session_of
from checked import call
from html_reading import Read

from shared.domain.request import RequestId
from shared.domain.states import State

HTML = {"Accept": "text/html,application/xhtml+xml"}


async def ask(world, right: str) -> RequestId:
    """A request asked by form and confirmed, with everything done that needs no time."""
    form = {"email": MIRA.email, "right": right}
    asked = await call("page_asked", "POST", "/api/privacy", form=form, headers=HTML)
    assert asked.status == 200
    await world.drain()
    request_id = RequestId(str(world.bus.sent[-1].command.request_id))
    await world.confirm_identity(request_id, world.references.code(request_id, 1))
    await world.drain()
    return request_id


async def state_of(world, request_id) -> State:
    return (await world.requests.read(request_id)).row.state


async def page(request_id, cookie: str, name: str = "page_status", **form: str):
    path = "" if name == "page_status" else f"/{name.removeprefix('page_')}"
    given = {} if name == "page_status" else {"form": form}
    method = "GET" if name == "page_status" else "POST"
    return await call(
        name, method, f"/api/privacy/{request_id}{path}", cookie=cookie, headers=HTML, request_id=request_id, **given
    )


async def verify(request_id, **form: str):
    at = f"/api/privacy/{request_id}/verify"
    return await call("page_verified", "POST", at, form=form, headers=HTML, request_id=request_id)


async def words_of(world, request_id) -> str:
    shown = await page(request_id, session_of(world, request_id))
    assert shown.status == 200
    return Read(shown.text).words()


@pytest.mark.parametrize(
    ("right", "rights"),
    [("access", ["access"]), ("erasure", ["erasure"]), ("both", ["access", "erasure"])],
)
async def test_the_form_asks_for_what_was_chosen(right, rights):
    world = memory_services()
    request_id = await ask(world, right)
    asked = (await world.requests.read(request_id)).row.parts
    assert sorted({part.right for part in asked}) == rights


def chosen_in(page) -> list[str]:
    return [one["value"] for _, one in Read(page.text).attributes if one.get("name") == "right"]


@pytest.mark.parametrize(("url", "chosen"), [("", []), ("?right=both", ["both"]), ("?right=all", [])])
async def test_a_link_may_choose_beforehand(url, chosen):
    memory_services()
    assert chosen_in(await call("page_ask", "GET", f"/api/privacy{url}", headers=HTML)) == chosen


async def test_a_choice_outlives_a_wrong_address():
    memory_services()
    answer = await call("page_asked", "POST", "/api/privacy", form={"email": "x", "right": "both"}, headers=HTML)
    assert answer.status == 422
    assert chosen_in(answer) == ["both"]


async def test_from_the_form_to_the_certificate_each_page_says_where_the_erasure_is():
    world = memory_services()
    request_id = await ask(world, "erasure")
    words = await words_of(world, request_id)
    for shown in ("Nothing has been deleted yet", "You can withdraw until", "We delete it", "Tickets", "work account"):
        assert shown in words
    await world.sweep(seconds=world.settings.cooling_off.total_seconds())
    await world.drain()
    assert await state_of(world, request_id) is State.COMPLETED
    certificate = (await world.requests.read(request_id)).row.certificate
    cookie = session_of(world, request_id)
    shown = await page(request_id, cookie)
    assert f"/api/v1/exports/{certificate.id}" in shown.text
    assert "Withdraw my request" not in shown.text
    at = f"/api/v1/exports/{certificate.id}"
    looked = await call("export_show", "GET", at, cookie=cookie, headers=HTML, export_id=certificate.id)
    assert "Download your certificate" in Read(looked.text).inside("h1")
    secret = world.references.typed_secret(request_id, 1, "certificate")
    opened = await call(
        "export_open", "POST", at, form={"secret": secret}, cookie=cookie, headers=HTML, export_id=certificate.id
    )
    assert opened.status == 303
    assert certificate.name in opened.headers["location"]


async def test_a_plan_is_shown_to_a_fresh_proof_alone_and_a_new_code_is_one():
    world = memory_services()
    request_id = await ask(world, "erasure")
    cookie = session_of(world, request_id)
    assert "Tickets" in (await page(request_id, cookie)).text
    world.clock.advance(seconds=world.settings.fresh_proof_for.total_seconds() + 1)
    old = await page(request_id, cookie)
    assert "Tickets" not in old.text
    assert "Send me a code" in old.text
    await verify(request_id, action="resend")
    await world.drain()
    answer = await verify(request_id, code=world.references.code(request_id, 2))
    fresh = re.match(r"privacy_session=([^;]+)", answer.headers["set-cookie"])[1]
    assert "Tickets" in (await page(request_id, fresh)).text


async def test_a_copy_is_waived_by_a_tick_and_a_fresh_proof():
    world = memory_services()
    request_id = await ask(world, "both")
    assert await state_of(world, request_id) is State.HANDED_OVER
    cookie = session_of(world, request_id)
    unsure = await page(request_id, cookie, "page_waive")
    assert unsure.status == 422
    assert 'href="#sure-waive"' in unsure.text
    world.clock.advance(seconds=world.settings.fresh_proof_for.total_seconds() + 1)
    assert (await page(request_id, cookie, "page_waive", sure="yes")).status == 303
    await world.drain()
    assert await state_of(world, request_id) is State.HANDED_OVER
    assert "/waive" not in (await page(request_id, cookie)).text
    fresh = session_of(world, request_id)
    assert "/waive" in (await page(request_id, fresh)).text
    assert (await page(request_id, fresh, "page_waive", sure="yes")).status == 303
    await world.drain()
    assert await state_of(world, request_id) is State.COOLING_OFF
    late = await page(request_id, fresh, "page_waive", sure="yes")
    assert late.status == 409


@pytest.mark.parametrize(
    ("right", "state", "words"),
    [
        ("erasure", State.WITHDRAWN, "Nothing has been deleted."),
        ("both", State.COMPLETED, "You withdrew the deletion, so we do not delete anything."),
    ],
)
async def test_an_erasure_that_was_withdrawn_says_so_and_leaves_the_copy(right, state, words):
    world = memory_services()
    request_id = await ask(world, right)
    assert (await page(request_id, session_of(world, request_id), "page_withdraw", sure="yes")).status == 303
    assert await state_of(world, request_id) is state
    shown = (await page(request_id, session_of(world, request_id))).text
    assert words in Read(shown).words()
    assert ("/api/v1/exports/" in shown) == (right == "both")
    assert "How far we are" not in shown


async def test_what_the_law_keeps_is_shown_with_the_ways_to_complain_and_an_erasure_that_stopped_too():
    world = memory_services()
    del world.store.drawers["memory", "tickets"]
    request_id = await ask(world, "both")
    words = await words_of(world, request_id)
    assert "that is why we have not started with the deletion" in words.lower()
    assert "court" not in words
    request = (await world.requests.read(request_id)).row
    await world.sweep(seconds=(request.due_at - world.clock()).total_seconds())
    await world.drain()
    await world.sweep(minutes=10)
    await world.drain()
    words = await words_of(world, request_id)
    for shown in ("Nothing has been deleted.", "We could not make your copy complete.", "court", "Not done"):
        assert shown in words


async def sign_in(world, url: str, person=MIRA):
    answer = await call("sign_in_start", "GET", url, headers=HTML)
    query = dict(re.findall(r"(\w+)=([^&]*)", answer.headers.get("location", "")))
    world.tokens.introduce_sign_in("id", query["nonce"], person.principal())
    headers = HTML | {"Sec-Fetch-Site": "cross-site", "Cookie": f"privacy_sign_in={query['nonce']}"}
    fields = {"state": query["state"], "id_token": "id"}
    return await call("sign_in_finish", "POST", "/api/privacy/signed-in", form=fields, headers=headers)


async def test_signing_in_asks_for_what_was_chosen_and_comes_back_to_the_plan_later():
    world = memory_services()
    signed_in = await sign_in(world, "/api/privacy/sign-in?right=erasure&language=nl")
    request_id = RequestId(signed_in.headers["location"].rpartition("/")[2])
    await world.drain()
    request = (await world.requests.read(request_id)).row
    assert ({part.right for part in request.parts}, request.language) == ({"erasure"}, "nl")
    cookie = session_of(world, request_id)
    world.clock.advance(seconds=world.settings.fresh_proof_for.total_seconds() + 1)
    target = f"/api/privacy/sign-in?request={request_id}"
    assert target in (await page(request_id, cookie)).text
    again = await sign_in(world, target)
    assert (again.status, again.headers["location"]) == (303, f"/api/privacy/{request_id}")
    fresh = re.match(r"privacy_session=([^;]+)", again.headers["set-cookie"])[1]
    assert "Users" in (await page(request_id, fresh)).text


async def test_a_request_is_signed_in_to_by_its_own_person_alone():
    world = memory_services()
    signed_in = await sign_in(world, "/api/privacy/sign-in?right=erasure")
    request_id = signed_in.headers["location"].rpartition("/")[2]
    refused = await sign_in(world, f"/api/privacy/sign-in?request={request_id}", TOM)
    assert refused.status == 404
    assert "set-cookie" not in refused.headers
