"""People at work in the demo do each step by its own call, and only what waits for them."""

import json

import httpx
import pytest

from samples.asking_first import ask_first
from samples.calling import StepFailed
from samples.offices import Administrator, Desk, Operator
from samples.people import PEOPLE, VUURTOREN

REQUEST, CASE = "0b7c0cf1-8a7e-4a0e-9d8f-1f8b4d1f3a11", "5f2f9f62-0e52-4c4a-8a55-0d7f2a1f2b22"
HASH = "3c" * 32
OPS, CASES = f"/api/v1/ops/requests/{REQUEST}", f"/api/v1/tenants/{VUURTOREN.id}/requests"


@pytest.fixture
async def office():
    """Make a desk whose calls get these answers, in turn where there are several."""
    clients, seen, told = [], [], []

    def build(short, given):
        def answer(request):
            seen.append((request.method, request.url.path, json.loads(request.content or "null")))
            found = given[request.method, request.url.path]
            status, body = found.pop(0) if isinstance(found, list) else found
            return httpx.Response(status, json=body)

        app = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://app.example")
        clients.append(app)
        return Desk(app=app, who=PEOPLE[short], token="theirs", say=told.append), seen, told

    yield build
    for one in clients:
        await one.aclose()


async def test_an_operator_reads_what_is_asked_once_it_waits_and_grants_it(office):
    waits = [(200, {"requests": []}), (200, {"requests": [{"id": REQUEST}]})]
    given = {
        ("GET", "/api/v1/ops/decisions"): waits,
        ("GET", f"{OPS}/ask"): (200, {"dueAt": "2026-12-24T23:59:59+01:00"}),
        ("POST", f"{OPS}/verdicts"): (202, {}),
    }
    desk, seen, told = office("olga", given)
    await Operator(desk).read(REQUEST)
    await Operator(desk).grant(REQUEST)
    assert waits == []
    assert seen[-2:] == [
        ("GET", f"{OPS}/ask", None),
        ("POST", f"{OPS}/verdicts", {"part": 0, "outcome": "granted"}),
    ]
    assert all("Olga: " in line for line in told)


async def test_a_second_operator_agrees_to_the_very_proposal_of_the_first(office):
    given = {
        ("POST", f"{OPS}/verdicts"): (202, {"verdicts": [{"verdictHash": HASH}]}),
        ("POST", f"{OPS}/verdicts/confirm"): (202, {}),
    }
    first, seen, _ = office("olga", given)
    second, _, _ = office("pieter", given)
    proposed = await Operator(first).propose_refusal(REQUEST, "compelling_grounds", "It weighs more.")
    await Operator(second).confirm(REQUEST, proposed)
    assert [body for _, _, body in seen] == [
        {"part": 0, "outcome": "refused", "ground": "compelling_grounds", "text": "It weighs more."},
        {"part": 0, "verdictHash": HASH},
    ]


async def test_an_operator_who_may_not_agree_fails_in_one_line(office):
    given = {("POST", f"{OPS}/verdicts/confirm"): (403, {"code": "not_allowed"})}
    desk, _, _ = office("olga", given)
    with pytest.raises(StepFailed, match=r"verdicts/confirm answered 403 instead of 202"):
        await Operator(desk).confirm(REQUEST, HASH)


def case(*, decidable):
    seen = {"parts": [{"right": "access"}], "datasets": [{}, {}], "receivedAt": "2026-11-24T03:57:20Z"}
    return {
        ("GET", CASES): (200, {"cases": [{"id": CASE, "decidable": decidable}]}),
        ("GET", f"{CASES}/{CASE}"): (200, seen),
        ("POST", f"{CASES}/{CASE}/decision"): (202, {}),
    }


async def test_an_administrator_sees_their_case_before_they_grant_it(office):
    desk, seen, told = office("wim", case(decidable=True))
    await Administrator(desk).grant(CASE)
    assert [(method, path) for method, path, _ in seen] == list(case(decidable=True))
    assert "access in 2 datasets" in told[0]


async def test_a_case_that_was_decided_is_not_granted_again(office):
    desk, seen, _ = office("wim", case(decidable=False))
    with pytest.raises(StepFailed, match="does not wait for Vuurtoren Energie"):
        await Administrator(desk).grant(CASE)
    assert not [one for one in seen if one[0] == "POST"]


async def test_a_service_hears_of_one_person_in_its_own_dataset(office):
    told = {"version": 2, "objections": ["security"]}
    given = {("POST", "/api/v1/processing/lookup"): (200, {"items": [told]})}
    desk, seen, _ = office("anna", given)
    heard = await ask_first(desk.app, "its own", PEOPLE["anna"])
    assert str(heard) == "app-telemetry: not to be used for security (version 2)"
    [item] = seen[0][2]["items"]
    assert (item["value"], item["tenant"]) == (PEOPLE["anna"].oid, PEOPLE["anna"].tenant)
