"""The pages: what a person without the app goes through, with and without scripts."""

import re

import pytest
from builders import MIRA, PUBLIC_URL, memory_services, session_of
from checked import CANARY, call

from shared.domain.request import RequestId
from shared.domain.states import State

HTML = {"Accept": "text/html,application/xhtml+xml"}


async def ask(world, email: str = MIRA.email) -> RequestId:
    assert (await call("page_asked", "POST", "/api/privacy", form={"email": email, "right": "access"})).status == 200
    await world.drain()
    return RequestId(str(world.bus.sent[-1].command.request_id))


async def verify(request_id: str, **fields: str):
    return await call(
        "page_verified", "POST", f"/api/privacy/{request_id}/verify", form=fields, request_id=request_id, headers=HTML
    )


async def status(request_id: str, cookie: str | None = None, headers=HTML):
    return await call(
        "page_status", "GET", f"/api/privacy/{request_id}", cookie=cookie, headers=headers, request_id=request_id
    )


def cookie_of(answer) -> str:
    found = re.match(r"privacy_session=([^;]+); (.*)", answer.headers["set-cookie"])
    assert found[2] == "Path=/api; HttpOnly; SameSite=Lax; Max-Age=3600; Secure"
    return found[1]


async def open_package(export_id: str, cookie: str | None = None, **fields: str):
    return await call(
        "export_open",
        "POST",
        f"/api/v1/exports/{export_id}",
        form=fields,
        cookie=cookie,
        headers=HTML,
        export_id=export_id,
    )


async def test_a_person_gets_from_the_form_to_the_package():
    world = memory_services()
    assert (await call("page_ask", "GET", "/api/privacy", headers=HTML)).status == 200
    request_id = await ask(world)
    looked = await call("page_verify", "GET", f"/api/privacy/{request_id}/verify", headers=HTML, request_id=request_id)
    assert looked.status == 200
    proven = await verify(request_id, action="confirm", code=world.references.code(request_id, 1))
    assert (proven.status, proven.headers["location"]) == (303, f"/api/privacy/{request_id}")
    cookie = cookie_of(proven)
    await world.drain()
    shown = await status(request_id, cookie)
    assert shown.status == 200
    export_id = (await world.requests.read(request_id)).row.export.id
    assert f"/api/v1/exports/{export_id}" in shown.text
    page = await call(
        "export_show", "GET", f"/api/v1/exports/{export_id}", cookie=cookie, headers=HTML, export_id=export_id
    )
    assert page.status == 200
    opened = await open_package(export_id, cookie, secret=world.references.typed_secret(request_id, 1))
    assert opened.status == 303
    assert opened.headers["location"].startswith("https://blobs.invalid/")


async def test_a_link_opened_without_a_proof_asks_for_a_fresh_code_on_the_same_page():
    world = memory_services()
    request_id = await ask(world)
    await verify(request_id, code=world.references.code(request_id, 1))
    await world.drain()
    export_id = (await world.requests.read(request_id)).row.export.id
    secret = world.references.link_secret(request_id, 1)
    asked = await open_package(export_id, secret=secret)
    assert asked.status == 200
    sent = await open_package(export_id, secret=secret, action="send_code")
    assert "set-cookie" not in sent.headers
    await world.drain()
    wrong = await open_package(export_id, secret=secret, code="0000-0000")
    assert wrong.status == 422
    opened = await open_package(export_id, secret=secret, code=world.references.code(request_id, 2))
    assert opened.status == 303
    cookie_of(opened)


async def test_nobody_sends_codes_by_knowing_a_package_without_its_secret():
    world = memory_services()
    request_id = await ask(world)
    await verify(request_id, code=world.references.code(request_id, 1))
    await world.drain()
    mails = len(world.mailer.sent)
    export_id = (await world.requests.read(request_id)).row.export.id
    answer = await open_package(export_id, secret="0" * 12, action="send_code")
    assert answer.status == 422
    await world.drain()
    assert len(world.mailer.sent) == mails


@pytest.mark.parametrize("used_up", ["secret", "code"])
async def test_the_field_whose_tries_are_spent_is_the_one_that_is_named(used_up):
    world = memory_services(link_tries=1, code_tries=1)
    request_id = await ask(world)
    cookie = cookie_of(await verify(request_id, code=world.references.code(request_id, 1)))
    await world.drain()
    export_id = (await world.requests.read(request_id)).row.export.id
    if used_up == "secret":
        given = {"cookie": cookie, "secret": "0" * 12}
    else:
        await open_package(export_id, secret=world.references.link_secret(request_id, 1), action="send_code")
        given = {"secret": world.references.link_secret(request_id, 1), "code": "0000-0000"}
    for _ in range(2):
        answer = await open_package(export_id, **given)
        assert answer.status == 422
        assert f'href="#{used_up}"' in answer.text
        assert f'href="#{"code" if used_up == "secret" else "secret"}"' not in answer.text


async def test_a_package_that_ended_says_so():
    world = memory_services()
    request_id = await ask(world)
    await verify(request_id, code=world.references.code(request_id, 1))
    await world.drain()
    export_id = (await world.requests.read(request_id)).row.export.id
    at = f"/api/v1/exports/{export_id}"
    await world.sweep(days=7)
    assert (await call("export_show", "GET", at, headers=HTML, export_id=export_id)).status == 410
    gone = await call("export_show", "GET", at, export_id=export_id)
    assert (gone.status, gone.json["code"]) == (410, "expired")
    posted = await open_package(export_id, secret=world.references.link_secret(request_id, 1))
    assert posted.status == 410
    by_program = await call(
        "export_open", "POST", at, body={"secret": world.references.link_secret(request_id, 1)}, export_id=export_id
    )
    assert by_program.status == 410


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"action": "confirm", "code": ""}, 422),
        ({"action": "confirm", "code": f"<script>{CANARY}</script>"}, 422),
        ({"action": "disown", "code": CANARY}, 422),
        ({"action": CANARY, "code": CANARY}, 422),
        ({}, 422),
    ],
)
async def test_a_code_that_is_not_good_shows_the_form_again_without_it(fields, expected):
    world = memory_services()
    request_id = await ask(world)
    answer = await verify(request_id, **fields)
    assert answer.status == expected
    assert CANARY not in answer.whole
    assert "set-cookie" not in answer.headers


async def test_whoever_did_not_ask_ends_it_from_the_page():
    world = memory_services()
    request_id = await ask(world)
    answer = await verify(request_id, action="disown", code=world.references.code(request_id, 1))
    assert answer.status == 200
    assert (await world.requests.read(request_id)).row.state is State.WITHDRAWN


async def test_a_new_code_is_asked_for_on_the_page():
    world = memory_services()
    request_id = await ask(world)
    assert (await verify(request_id, action="resend")).status == 200
    await world.drain()
    assert len(world.mailer.sent) == 2


async def test_withdrawing_asks_whether_one_is_sure():
    world = memory_services()
    request_id = await ask(world)
    proven = await verify(request_id, code=world.references.code(request_id, 1))
    given = {"cookie": cookie_of(proven), "headers": HTML, "request_id": request_id}
    at = f"/api/privacy/{request_id}/withdraw"
    assert (await call("page_withdraw", "POST", at, form={}, **given)).status == 422
    assert (await world.requests.read(request_id)).row.state is State.RECEIVED
    assert (await call("page_withdraw", "POST", at, form={"sure": "yes"}, **given)).status == 303
    assert (await world.requests.read(request_id)).row.state is State.WITHDRAWN


async def test_a_fresh_link_is_asked_for_on_the_page():
    world = memory_services()
    request_id = await ask(world)
    proven = await verify(request_id, code=world.references.code(request_id, 1))
    await world.drain()
    answer = await call(
        "page_link",
        "POST",
        f"/api/privacy/{request_id}/link",
        form={},
        cookie=cookie_of(proven),
        headers=HTML,
        request_id=request_id,
    )
    assert answer.status == 303
    await world.drain()
    assert world.references.link_secret(request_id, 2) in world.mailer.sent[-1].text


@pytest.mark.parametrize(
    ("email", "status"), [("", 422), (f"{CANARY}", 422), ("  ", 422), (f"{CANARY}@\u202ex.y", 422)]
)
async def test_an_address_that_is_none_shows_the_form_again_without_it(email, status):
    world = memory_services()
    answer = await call("page_asked", "POST", "/api/privacy", form={"email": email}, headers=HTML)
    assert answer.status == status
    assert CANARY not in answer.whole
    assert world.bus.sent == []


async def test_a_right_that_is_none_is_an_error_page():
    memory_services()
    fields = {"email": MIRA.email, "right": f"<b>{CANARY}"}
    answer = await call("page_asked", "POST", "/api/privacy", form=fields, headers=HTML)
    assert (answer.status, answer.response.mimetype) == (400, "text/html")
    assert CANARY not in answer.whole


async def test_a_known_address_and_an_unknown_one_see_the_same_page():
    memory_services()
    known = await call("page_asked", "POST", "/api/privacy", form={"email": MIRA.email}, headers=HTML)
    unknown = await call("page_asked", "POST", "/api/privacy", form={"email": "nobody@example.org"}, headers=HTML)
    assert known.whole == unknown.whole


@pytest.mark.parametrize(
    ("url", "accepted", "language"),
    [
        ("/api/privacy", "", "en"),
        ("/api/privacy", "nl", "nl"),
        ("/api/privacy", "nl-NL,nl;q=0.9,en;q=0.8", "nl"),
        ("/api/privacy", "en;q=0.3,nl;q=0.4", "nl"),
        ("/api/privacy", "fr,de", "en"),
        ("/api/privacy", "nl;q=x,;;,=", "en"),
        ("/api/privacy", "nl;q=nan", "en"),
        ("/api/privacy?language=nl", "en", "nl"),
        ("/api/privacy?language=canary-7f3a", "nl", "nl"),
    ],
)
async def test_a_page_speaks_the_language_that_was_chosen_or_is_preferred(url, accepted, language):
    memory_services()
    answer = await call("page_ask", "GET", url, headers=HTML | {"Accept-Language": accepted})
    assert answer.headers["content-language"] == language
    assert f'lang="{language}"' in answer.text
    assert CANARY not in answer.whole


async def test_a_flood_of_forms_is_told_to_wait():
    memory_services(intake_per_network=1)
    fields = {"email": MIRA.email}
    assert (await call("page_asked", "POST", "/api/privacy", form=fields, headers=HTML)).status == 200
    flooded = await call("page_asked", "POST", "/api/privacy", form=fields, headers=HTML)
    assert flooded.status == 429
    assert int(flooded.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("forwarded", "shared"),
    [
        pytest.param(("198.51.100.1, 203.0.113.7", "198.51.100.2, 203.0.113.7"), True, id="what the caller wrote"),
        pytest.param(("203.0.113.7:5000", "203.0.113.7:6000"), True, id="ports"),
        pytest.param(("[2001:db8::1]:443", "2001:db8::1"), True, id="brackets"),
        pytest.param(("203.0.113.7", "203.0.113.8"), False, id="two addresses"),
        pytest.param(("[2001:db8::1]:443", "[2001:db8::ffff:1:2]:443"), True, id="one subscriber of IPv6"),
        pytest.param(("2001:db8::1", "2001:db8:0:1::1"), False, id="two subscribers of IPv6"),
        pytest.param(("::ffff:203.0.113.7", "203.0.113.7"), True, id="IPv4 inside IPv6"),
        pytest.param(("nonsense", "other nonsense"), True, id="no addresses"),
        pytest.param(("", ""), True, id="unknown"),
    ],
)
async def test_floods_are_counted_by_the_address_our_own_proxy_saw(forwarded, shared):
    memory_services(intake_per_network=1)
    found = []
    for one in forwarded:
        answer = await call(
            "page_asked", "POST", "/api/privacy", form={"email": MIRA.email}, headers=HTML | {"X-Forwarded-For": one}
        )
        found.append(answer.status)
    assert found == [200, 429 if shared else 200]


async def start(url: str = "/api/privacy/sign-in"):
    answer = await call("sign_in_start", "GET", url, headers=HTML)
    return answer, dict(re.findall(r"(\w+)=([^&]*)", answer.headers.get("location", "")))


async def finish(query: dict[str, str], began: dict[str, str] | None = None):
    fields = {"state": query["state"], "id_token": "id"}
    cookie = f"privacy_sign_in={(began or query)['nonce']}"
    headers = HTML | {"Origin": "https://login.microsoftonline.com", "Sec-Fetch-Site": "cross-site", "Cookie": cookie}
    return await call("sign_in_finish", "POST", "/api/privacy/signed-in", form=fields, headers=headers)


async def test_signing_in_asks_for_ones_data_and_a_reloaded_page_finds_the_same_request():
    world = memory_services()
    answer, query = await start("/api/privacy/sign-in?language=nl")
    assert answer.headers["location"].startswith(
        "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize?"
    )
    assert PUBLIC_URL.split("//")[1] in query["redirect_uri"]
    assert (query["response_mode"], query["prompt"], query["scope"]) == ("form_post", "login", "openid")
    world.tokens.introduce_sign_in("id", query["nonce"], MIRA.principal())
    signed_in = await finish(query)
    again = await finish(query)
    assert signed_in.status == again.status == 303
    assert signed_in.headers["location"] == again.headers["location"]
    cookie = cookie_of(signed_in)
    request_id = RequestId(signed_in.headers["location"].rpartition("/")[2])
    await world.drain()
    request = (await world.requests.read(request_id)).row
    assert (request.state, request.signed_in, request.language) == (State.COMPLETED, True, "nl")
    assert (await status(request_id, cookie)).status == 200


async def test_signing_in_for_a_package_opens_ones_own_alone():
    world = memory_services()
    _, query = await start()
    world.tokens.introduce_sign_in("id", query["nonce"], MIRA.principal())
    request_id = RequestId((await finish(query)).headers["location"].rpartition("/")[2])
    await world.drain()
    export_id = (await world.requests.read(request_id)).row.export.id
    for person, expected in ((MIRA.principal(), 303), (MIRA.principal(tenant="another"), 404)):
        _, query = await start(f"/api/privacy/sign-in?export={export_id}")
        world.tokens.introduce_sign_in("id", query["nonce"], person)
        answer = await finish(query)
        assert answer.status == expected
        assert ("set-cookie" in answer.headers) == (expected == 303)
    opened = await open_package(
        export_id, session_of(world, request_id), secret=world.references.link_secret(request_id, 1)
    )
    assert opened.status == 303


async def test_a_sign_in_that_is_old_or_of_another_page_is_refused():
    world = memory_services()
    _, query = await start()
    _, other = await start("/api/privacy/sign-in?language=nl")
    world.tokens.introduce_sign_in("id", query["nonce"], MIRA.principal())
    assert (await finish(other)).status == 401
    world.clock.advance(minutes=15)
    assert (await finish(query)).status == 401


async def test_a_sign_in_goes_on_only_in_the_browser_that_began_it():
    world = memory_services()
    begun, attackers = await start()
    _, victims = await start("/api/privacy/sign-in?language=nl")
    world.tokens.introduce_sign_in("id", attackers["nonce"], MIRA.principal())
    for cookie in (victims, {"nonce": ""}, {"nonce": "\u00ff"}):
        refused = await finish(attackers, began=cookie)
        assert refused.status == 401
        assert "set-cookie" not in refused.headers
    assert world.bus.sent == []
    kept = begun.headers["set-cookie"]
    assert attackers["nonce"] in kept
    assert {"HttpOnly", "SameSite=None", "Secure", "Path=/api/privacy/signed-in"} <= set(kept.split("; "))
    assert (await finish(attackers)).status == 303


async def test_where_nobody_signs_in_there_is_no_such_page():
    memory_services(sign_in_client_id=None)
    assert (await start())[0].status == 404


async def test_a_package_to_sign_in_for_has_a_guid():
    memory_services()
    answer, _ = await start(f"/api/privacy/sign-in?export={CANARY}")
    assert answer.status == 400
    assert CANARY not in answer.whole


@pytest.mark.parametrize("cookie", ["rubbish", "s1.rubbish", "eyJhbGciOiJSUzI1NiJ9.e30.x"])
async def test_a_cookie_that_is_no_session_of_ours_counts_for_nothing(cookie):
    memory_services()
    answer = await call("page_ask", "GET", "/api/privacy", headers={"Cookie": f"privacy_session={cookie}"})
    assert answer.status == 200
