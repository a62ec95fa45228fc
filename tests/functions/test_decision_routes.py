"""Clocks and decisions over HTTP: every answer as its description says, and none that says who it is about."""

import pytest
from asking import now, operator
from builders import MIRA, memory_services, session_of
from checked import call
from deciding_world import WORDS, waiting

from shared.domain.ask import Ask
from shared.domain.states import State

STATEMENT = "You told somebody else about me"
ASKED = "Which of your mailboxes do you mean?"


@pytest.fixture
def world():
    world = memory_services()
    world.tokens.introduce("mira", MIRA.principal())
    for number in (1, 2):
        world.tokens.introduce(f"op{number}", operator(number).principal)
    return world


async def ops(function, method, request_id="", tail="", token="op1", **given):
    return await call(
        function, method, f"/api/v1/ops/requests/{request_id}{tail}", token=token, request_id=request_id, **given
    )


async def test_a_refusal_from_proposal_to_mail(world):
    request = await waiting(world, details={"complaint": Ask(statement=STATEMENT)})
    listed = await call("ops_decisions", "GET", "/api/v1/ops/decisions", token="op1")
    assert [one["id"] for one in listed.json["requests"]] == [request.id]
    assert listed.json["requests"][0]["awaits"] == [0]
    shown = await ops("ops_ask", "GET", request.id, "/ask")
    assert shown.json["asks"]["complaint"]["statement"] == STATEMENT
    assert MIRA.email not in shown.whole
    assert MIRA.object_id not in shown.whole
    body = {"part": 0, "outcome": "refused", "text": WORDS}
    proposed = await ops("ops_verdict", "POST", request.id, "/verdicts", body=body)
    assert proposed.status == 202
    [verdict] = proposed.json["verdicts"]
    assert "givenAt" not in verdict
    assert WORDS not in proposed.whole
    body = {"part": 0, "verdictHash": verdict["verdictHash"]}
    own = await ops("ops_verdict_confirm", "POST", request.id, "/verdicts/confirm", body=body)
    assert own.status == 403
    read = await ops("ops_ask", "GET", request.id, "/ask", token="op2")
    assert read.json["verdicts"][0]["text"] == WORDS
    given = await ops("ops_verdict_confirm", "POST", request.id, "/verdicts/confirm", token="op2", body=body)
    assert (given.status, given.json["awaits"]) == (202, [])
    await world.drain()
    assert (await now(world, request.id)).state is State.REFUSED
    assert WORDS in world.mailer.sent[-1].text


async def test_a_proposal_is_dropped_by_its_part(world):
    request = await waiting(world)
    await ops("ops_verdict", "POST", request.id, "/verdicts", body={"part": 0, "outcome": "refused", "text": WORDS})
    assert (await ops("ops_verdict_drop", "DELETE", request.id, "/verdicts?part=x")).status == 400
    assert (await ops("ops_verdict_drop", "DELETE", request.id, "/verdicts")).status == 409
    dropped = await ops("ops_verdict_drop", "DELETE", request.id, "/verdicts?part=0")
    assert (dropped.status, dropped.json["verdicts"]) == (200, [])


async def test_an_extension_shows_as_one(world):
    request = await waiting(world)
    extended = await ops("ops_extend", "POST", request.id, "/extension", body={"reason": "complexity"})
    assert (extended.status, extended.json["status"]) == (202, "extended")
    assert extended.json["dueAt"].startswith("2027-02-02")
    own = await call("request_show", "GET", f"/api/v1/requests/{request.id}", token="mira", request_id=request.id)
    assert own.json["status"] == "extended"
    assert (await ops("ops_extend", "POST", request.id, "/extension", body={"reason": "laziness"})).status == 400


async def test_a_question_and_its_answer(world):
    request = await waiting(world)
    asked = await ops("ops_clarify", "POST", request.id, "/clarification", body={"question": ASKED})
    assert (asked.status, asked.json["status"]) == (202, "clarification_pending")
    assert ASKED not in asked.whole
    at = f"/api/v1/requests/{request.id}/clarification"
    shown = await call("request_question", "GET", at, token="mira", request_id=request.id)
    assert shown.json["text"] == ASKED
    body = {"text": "All of them", "details": {"complaint": {"statement": STATEMENT}}}
    answered = await call("request_clarify", "POST", at, token="mira", request_id=request.id, body=body)
    assert (answered.status, answered.json["status"]) == (202, "received")
    body["details"] = {"erasure": {}}
    again = await call("request_clarify", "POST", at, token="mira", request_id=request.id, body=body)
    assert again.status == 409


async def test_a_letter_is_recorded_and_found_by_state_and_attention(world):
    body = {
        "channel": "letter",
        "rights": ["access"],
        "receivedAt": "2026-10-20T10:00:00+02:00",
        "evidence": "A letter, scanned as 2026-114",
        "language": "nl",
    }
    made = await ops("ops_record", "POST", body=body, headers={"Idempotency-Key": "letter-114"})
    assert made.status == 202
    assert made.headers["location"] == f"/api/v1/ops/requests/{made.json['id']}"
    again = await ops("ops_record", "POST", body=body, headers={"Idempotency-Key": "letter-114"})
    assert again.json["id"] == made.json["id"]
    for query, found in (
        ("?attention=identity_to_establish", [made.json["id"]]),
        ("?state=identity_pending&due_before=2026-11-20T00:00:00Z", [made.json["id"]]),
        ("?state=completed", []),
    ):
        listed = await call("ops_list", "GET", f"/api/v1/ops/requests{query}", token="op1")
        assert [one["id"] for one in listed.json["requests"]] == found
    assert listed.status == 200


async def test_what_nobody_proved_is_ended_by_two(world):
    made = await call("request_submit", "POST", "/api/v1/requests", body={"rights": ["access"], "email": MIRA.email})
    await world.drain()
    await world.sweep(days=8)
    request_id = made.json["id"]
    for token, confirm, outcome in (("op1", False, "proposed"), ("op1", True, "own_proposal"), ("op2", True, "ended")):
        body = {"ids": [request_id], "confirm": confirm}
        ended = await call("ops_unproven", "POST", "/api/v1/ops/unproven", token=token, body=body)
        assert ended.json == {"outcomes": {request_id: outcome}}
    too_many = {"ids": [f"00000000-0000-4000-8000-{n:012d}" for n in range(101)]}
    assert (await call("ops_unproven", "POST", "/api/v1/ops/unproven", token="op1", body=too_many)).status == 400


async def test_delivery_reports_come_as_event_grid_sends_them(world):
    request = await waiting(world, "access")
    await world.drain()
    mail = world.mailer.sent[-1]
    relay = operator(7).principal
    world.tokens.introduce(
        "relay",
        type(relay)(
            tenant=relay.tenant,
            object_id=relay.object_id,
            roles=frozenset({"Privacy.Service"}),
            app="00000000-0000-4000-8000-00000000be12",
        ),
    )
    events = [
        {
            "id": "0",
            "topic": "/subscriptions/0/mail",
            "subject": "sender/a@b/message/1",
            "eventType": "Microsoft.Communication.EmailDeliveryReportReceived",
            "eventTime": "2026-11-02T10:00:00Z",
            "dataVersion": "1.0",
            "data": {
                "sender": "privacy@spinpanel.example",
                "recipient": mail.to,
                "messageId": str(mail.key),
                "status": "Bounced",
                "deliveryStatusDetails": {"statusMessage": "no such person"},
            },
        }
    ]
    noted = await call("bounce_note", "POST", "/api/v1/mail-events", token="relay", body=events)
    assert noted.json == {"reopened": 1}
    assert "mail_bounced" in (await now(world, request.id)).attention
    refused = await call("bounce_note", "POST", "/api/v1/mail-events", token="op1", body=events)
    assert refused.status == 403


async def test_a_session_answers_its_own_question(world):
    made = await call("request_submit", "POST", "/api/v1/requests", body={"rights": ["complaint"], "email": MIRA.email})
    request_id = made.json["id"]
    await world.confirm_identity(request_id, world.references.code(request_id, 1))
    await world.drain()
    await ops("ops_clarify", "POST", request_id, "/clarification", body={"question": ASKED})
    at = f"/api/v1/requests/{request_id}/clarification"
    token = session_of(world, request_id)
    answered = await call("request_clarify", "POST", at, token=token, request_id=request_id, body={"text": "This"})
    assert answered.status == 202
