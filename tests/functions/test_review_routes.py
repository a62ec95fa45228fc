"""The reviewer's routes: what waits, its items and decisions, over HTTP."""

import json

import pytest
from asking import answered, now, opened
from builders import MIRA
from checked import call
from reviewed_cases import ROSA, reviewed_world

from shared.domain.states import State

LIST = "/api/v1/ops/reviews"


async def desk():
    """A copy of Mira's that waits, and a reviewer with a token."""
    world = reviewed_world()
    request = await answered(world, signed_in=True)
    assert request.state is State.REVIEWING
    world.tokens.introduce("rosa", ROSA.principal("Privacy.Reviewer"))
    return world, request


async def decide(request, *decisions, token="rosa"):
    return await call(
        "review_decide",
        "POST",
        f"{LIST}/{request.id}/decisions",
        body={"decisions": decisions},
        token=token,
        request_id=request.id,
    )


async def show(request, query="", token="rosa"):
    return await call("review_show", "GET", f"{LIST}/{request.id}{query}", token=token, request_id=request.id)


async def test_a_reviewer_sees_what_waits_looks_and_decides():
    world, request = await desk()
    listed = await call("review_list", "GET", LIST, token="rosa")
    (waiting,) = listed.json["reviews"]
    assert waiting["id"] == request.id
    assert waiting["until"] < waiting["dueAt"]
    assert waiting["datasets"] == [
        {"id": "calls", "service": "support", "items": 1, "unreviewed": 1},
        {"id": "tickets", "service": "support", "items": 1, "unreviewed": 1},
    ]
    assert MIRA.email not in listed.whole
    first = await show(request)
    assert first.json["dataset"] == "calls"
    assert first.json["items"][0]["original"]["size"] == 2004
    second = await show(request, f"?limit=1&cursor={first.json['cursor']}")
    assert second.json["items"][0]["record"]["body"] == "Mira asks for help"
    assert {"kind": "email", "value": MIRA.email} in second.json["person"]
    assert "cursor" not in second.json
    some = await decide(
        request, {"item": "1.0", "decision": "redact", "ground": "rights_of_others", "withhold": ["body"]}
    )
    assert [one["unreviewed"] for one in some.json["datasets"]] == [1, 0]
    again = await show(request, "?cursor=1.0")
    assert again.json["items"][0]["decided"] == {
        "decision": "redact",
        "ground": "rights_of_others",
        "redacted": ["body"],
        "by": ROSA.object_id,
    }
    assert (await decide(request, {"dataset": "calls", "decision": "include"})).status == 200
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED
    with await opened(world, request.id) as package:
        (record,) = json.loads(package.read("data/tickets.json"))["records"]
    assert record == {"from": MIRA.email, "subject": "Help", "body": "[redacted]"}
    assert (await call("review_list", "GET", LIST, token="rosa")).json == {"reviews": []}
    assert (await show(request)).status == 409
    assert (await decide(request, {"dataset": "calls", "decision": "include"})).status == 409


async def test_nobody_looks_through_their_own_copy():
    world, request = await desk()
    own = reviewed_world(home_tenant_id=MIRA.tenant)
    request = await answered(own, signed_in=True)
    own.tokens.introduce("mira", MIRA.principal("Privacy.Reviewer"))
    assert (await show(request, token="mira")).status == 403
    assert (await decide(request, {"item": "0.0", "decision": "include"}, token="mira")).status == 403
    assert world is not own
    assert "review_read" not in [line.happening for line in await own.requests.history(request.id)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"item": "0.0"},
        {"item": "0.0", "decision": "maybe"},
        {"item": "canary", "decision": "include"},
        {"item": "7.7", "decision": "include"},
        {"item": "0.0", "decision": "exclude", "ground": "canary"},
        {"item": "0.0", "decision": "exclude"},
        {"item": "1.0", "decision": "redact", "ground": "uavg_41_i", "withhold": ["canary"]},
        {"item": "1.0", "decision": "include", "canary": 1},
    ],
)
async def test_a_decision_that_does_not_fit_is_refused_without_repeating_it(wrong):
    _, request = await desk()
    refused = await decide(request, wrong)
    assert refused.status == 400
    assert "canary" not in refused.whole


@pytest.mark.parametrize("query", ["?limit=0", "?limit=101", "?limit=x", "?cursor=9.0", "?cursor=canary"])
async def test_a_page_that_is_not_there_is_refused(query):
    _, request = await desk()
    refused = await show(request, query)
    assert refused.status == 400
    assert "canary" not in refused.whole
