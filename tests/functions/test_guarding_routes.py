"""Takeovers, lost accounts and representatives over HTTP."""

from typing import Any

import pytest
from asking import asked, now
from builders import MIRA, PUBLIC_URL, called
from checked import CANARY, call
from takeovers import APP, OLD, OLGA, OTTO, announced_to, guarded_services, told

from shared.domain.states import State


def introduced(**more: Any):
    world = guarded_services(**more)
    world.tokens.introduce("app", OLGA.principal("Privacy.Service", app=APP))
    for person in (OLGA, OTTO):
        world.tokens.introduce(person.given, person.principal("Privacy.Operator"))
    world.tokens.introduce("mira", MIRA.principal())
    return world


def event(**more) -> dict[str, Any]:
    given = {"tenant": MIRA.tenant, "objectId": MIRA.object_id, "happening": "address_changed"}
    return given | {"at": "2026-11-01T09:30:00+00:00", "previousAddress": OLD, "address": MIRA.email} | more


async def note(**more):
    return await call("account_event_note", "POST", "/api/v1/account-events", body=event(**more), token="app")


async def post(function: str, request_id: str, ending: str, body: Any, token: str | None = None):
    route = f"/api/v1/{'ops/' if function.startswith('ops') else ''}requests/{request_id}/{ending}"
    return await call(function, "POST", route, body=body, token=token, request_id=request_id)


async def collecting(world):
    request = await asked(world, signed_in=True, email=False)
    for command in world.bus.deliver():
        await world.deliver(command)
    return await now(world, request.id)


async def test_the_app_tells_and_the_next_request_is_asked_for_a_second_proof():
    world = introduced()
    answer = await note()
    assert (answer.status, answer.text) == (204, "")
    made = await call("request_submit", "POST", "/api/v1/requests", body={"rights": ["access"]}, token="mira")
    await world.drain()
    request = await now(world, made.json["id"])
    assert (request.public, request.second_proof) == ("identity_pending", "asked")
    code = world.references.code(request.id, request.verification.issue)
    confirmed = await call(
        "identity_confirm",
        "POST",
        f"/api/v1/requests/{request.id}/verification",
        body={"code": code},
        request_id=request.id,
    )
    assert confirmed.status == 200
    path = f"/api/v1/requests/{request.id}"
    token = confirmed.json["accessToken"]
    assert (await call("request_show", "GET", path, token=token, request_id=request.id)).status == 401
    await world.drain()
    shown = await call("request_show", "GET", path, token="mira", request_id=request.id)
    assert shown.json["status"] == "completed"


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"happening": "identifier_corrected"}, ["happening"]),
        ({"happening": CANARY}, ["happening"]),
        ({"at": "2026-11-01T09:30:00"}, ["at"]),
        ({"at": "2027-01-01T00:00:00Z"}, ["at"]),
        ({"previousAddress": CANARY}, ["email"]),
        ({"tenant": CANARY}, ["tenant"]),
        ({"objectId": f"{CANARY:x<36}"}, ["entra_object_id"]),
        ({CANARY: 1}, ["body"]),
    ],
)
async def test_what_the_app_tells_wrongly_is_refused_by_name_and_never_repeated(wrong, fields):
    world = introduced()
    answer = await note(**wrong)
    assert answer.status == 400
    assert [one["field"] for one in answer.json["errors"]] == fields
    assert CANARY not in answer.whole
    assert world.account_events.events == {}


async def test_one_click_stops_and_tells_no_more_than_that():
    world = introduced()
    request = await collecting(world)
    secret = world.references.stop_secret(request.id)
    for _ in range(2):
        answer = await post("request_stop", request.id, "stop", {"secret": secret})
        assert (answer.status, answer.json) == (200, {"id": request.id, "status": "stopped"})
    assert (await now(world, request.id)).state is State.DOUBTED


async def test_a_wrong_secret_answers_like_a_request_that_is_not_there():
    world = introduced()
    request = await collecting(world)
    nowhere = "00000000-0000-4000-8000-00000000dead"
    first = await post("request_stop", request.id, "stop", {"secret": "wrong"})
    second = await post("request_stop", nowhere, "stop", {"secret": "wrong"})
    assert (first.status, first.text) == (second.status, second.text)
    assert first.status == 404
    unheard_of = await post("request_stop", nowhere, "stop", {"secret": world.references.stop_secret(nowhere)})
    assert unheard_of.status == 404


async def test_an_erasure_that_has_begun_answers_409():
    world = introduced()
    request = await asked(world, signed_in=True, email=False, rights=("erasure",))
    await world.drain()
    await world.sweep(days=4)
    await world.drain()
    answer = await post("request_stop", request.id, "stop", {"secret": world.references.stop_secret(request.id)})
    assert (answer.status, answer.json["code"]) == (409, "erasure_has_begun")


async def test_the_page_of_an_announcement_stops_by_a_form_and_looking_stops_nothing():
    world = introduced()
    request = await collecting(world)
    await world.drain()
    assert announced_to(world, MIRA.email)
    at = f"/api/privacy/{request.id}/stop"
    page = {"headers": {"Accept": "text/html"}, "request_id": request.id}
    shown = await call("page_stop", "GET", at, **page)
    assert shown.status == 200
    assert f'action="{at}' in shown.text
    assert (await now(world, request.id)).state is State.COMPLETED
    for secret, status in (("", 422), ("wrong", 422), (world.references.typed_stop_secret(request.id).lower(), 200)):
        answer = await call("page_stopped", "POST", at, form={"secret": secret}, request_id=request.id)
        assert answer.status == status
        assert not secret or secret not in answer.text
    assert "stopped" in (await now(world, request.id)).attention


async def test_a_page_elsewhere_cannot_stop():
    world = introduced()
    request = await collecting(world)
    answer = await call(
        "page_stopped",
        "POST",
        f"/api/privacy/{request.id}/stop",
        form={"secret": world.references.stop_secret(request.id)},
        headers={"Origin": "https://elsewhere.example"},
        request_id=request.id,
    )
    assert answer.status == 403
    assert PUBLIC_URL not in answer.text
    assert (await now(world, request.id)).state is State.COLLECTING


async def test_two_operators_clear_a_doubt():
    world = introduced()
    request = await collecting(world)
    await post("request_stop", request.id, "stop", {"secret": world.references.stop_secret(request.id)})
    body = {"reason": "Called back at the number on record."}
    first = await post("ops_doubt", request.id, "doubt", body, OLGA.given)
    assert first.json["waitsForSecond"] is True
    assert first.json["status"] == "identity_pending"
    assert set(first.json["attention"]) == {"clearing_proposed", "stopped"}
    second = await post("ops_doubt", request.id, "doubt", body, OTTO.given)
    assert second.json == {"id": request.id, "status": "received", "waitsForSecond": False, "attention": []}


async def test_two_operators_vouch_and_see_nothing_of_who_it_is():
    world = introduced()
    made = await call(
        "request_submit", "POST", "/api/v1/requests", body={"rights": ["access"], "email": "new@example.org"}
    )
    request_id = made.json["id"]
    body = {"facts": ["invoice_number", "order_number"], "email": MIRA.email}
    for person, waits in ((OLGA, True), (OTTO, False)):
        answer = await post("ops_vouch", request_id, "identity", body, person.given)
        assert (answer.status, answer.json["waitsForSecond"]) == (200, waits)
        for name in (MIRA.email, "new@example.org", "invoice_number"):
            assert name not in answer.whole
    assert (await now(world, request_id)).state is State.RECEIVED


@pytest.mark.parametrize("field", ["idCopy", "document", "passport", "attachment"])
async def test_there_is_no_place_for_a_copy_of_an_identity_document(field):
    introduced()
    body = {"facts": ["invoice_number", "order_number"], "email": MIRA.email, field: CANARY}
    answer = await post("ops_vouch", "00000000-0000-4000-8000-00000000dead", "identity", body, OLGA.given)
    assert answer.status == 400
    assert CANARY not in answer.whole


async def test_an_operator_checks_authority():
    world = introduced()
    representative = {"relation": "parent", "email": "parent@example.org", "child": True}
    made = await call(
        "request_submit",
        "POST",
        "/api/v1/requests",
        body={"rights": ["access"], "email": MIRA.email, "representative": representative},
    )
    request_id = made.json["id"]
    await world.drain()
    await world.confirm_identity(request_id, world.references.code(request_id, 1))
    await world.drain()
    body = {"outcome": "checked", "evidence": "Saw the register of guardianship."}
    answer = await post("ops_authority", request_id, "authority", body, OLGA.given)
    assert (answer.status, answer.json["status"], answer.json["attention"]) == (200, "received", [])
    await world.drain()
    assert (await now(world, request_id)).state is State.COMPLETED
    again = await post("ops_authority", request_id, "authority", body, OLGA.given)
    assert (again.status, again.json["code"]) == (409, "no_authority_to_check")


class Timer:
    past_due = False


async def test_the_timer_forgets_what_was_told_of_accounts(caplog):
    world = introduced()
    await told(world, "address_changed", previousAddress=OLD)
    world.clock.advance(days=60)
    with caplog.at_level("INFO"):
        await called("account_events_sweep", Timer())
    assert "forgotten=1" in caplog.text
    assert world.account_events.events == {}
