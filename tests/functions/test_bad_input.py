"""What cannot be read is refused with the field named and no value repeated."""

import json

import pytest
from builders import HOME, MIRA, Person, memory_services, session_of
from checked import CANARY, ROUTE_OF, call
from lane_world import SERVICE

from functions._openapi import document
from shared.domain.request import RequestId

DEEP = b'{"rights":' + b"[" * 20_000 + b'"' + CANARY.encode() + b'"' + b"]" * 20_000 + b"}"


def submitted(**fields) -> dict:
    return {"rights": ["access"], "email": "somebody@example.org"} | fields


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        pytest.param(b"", 400, ["body"], id="nothing"),
        pytest.param(CANARY.encode(), 400, ["body"], id="no JSON"),
        pytest.param(f'{{"rights": ["{CANARY}"'.encode(), 400, ["body"], id="half of it"),
        pytest.param(f'"{CANARY}"'.encode(), 400, ["body"], id="a text"),
        pytest.param([CANARY], 400, ["body"], id="a list"),
        pytest.param(b"\xff\xfe" + CANARY.encode(), 400, ["body"], id="no UTF-8"),
        pytest.param(DEEP, 400, ["body"], id="nested without end"),
        pytest.param({}, 400, ["rights"], id="no field"),
        pytest.param(submitted(unheardOf=CANARY), 400, ["body"], id="unknown field"),
        pytest.param(submitted(**{CANARY: 1}), 400, ["body"], id="a field whose name tells"),
        pytest.param(submitted(rights=CANARY), 400, ["rights"], id="rights are no list"),
        pytest.param(submitted(rights=[]), 400, ["rights"], id="no right"),
        pytest.param(submitted(rights=[CANARY]), 400, ["rights"], id="unknown right"),
        pytest.param(submitted(rights=["access", "access"]), 400, ["rights"], id="a right twice"),
        pytest.param(submitted(rights=["access"] * 9), 400, ["rights"], id="too many rights"),
        pytest.param(submitted(rights=[{CANARY: 1}]), 400, ["rights.0", "rights"], id="a right that is no text"),
        pytest.param(submitted(email=CANARY), 400, ["email"], id="no address"),
        pytest.param(submitted(email="a@"), 400, ["email"], id="too short"),
        pytest.param(submitted(email=f"{CANARY}@{'a' * 400}.example"), 400, ["email"], id="too long"),
        pytest.param(submitted(email=[CANARY]), 400, ["email"], id="an address that is no text"),
        pytest.param(submitted(email=f"{CANARY}\r\nBcc: x@y.example"), 400, ["email"], id="a header"),
        pytest.param(b'{"rights": ["access"], "email": "\\ud800canary-7f3a@x.example"}', 400, None, id="half a sign"),
        pytest.param(submitted(email=None), 400, ["email"], id="nobody"),
        pytest.param(submitted(language=CANARY), 400, ["language"], id="unknown language"),
        pytest.param(submitted(rights=CANARY, email=7), 400, ["rights", "email"], id="two fields at once"),
        pytest.param(b"{" + b" " * 70_000 + CANARY.encode(), 413, None, id="too large"),
    ],
)
async def test_a_body_that_cannot_be_accepted_is_refused(body, status, fields):
    world = memory_services()
    answer = await call("request_submit", "POST", "/api/v1/requests", body=body)
    assert answer.status == status
    assert answer.response.mimetype == "application/problem+json"
    assert CANARY not in answer.whole
    if fields is not None:
        assert [one["field"] for one in answer.json["errors"]] == fields
    assert world.bus.sent == []


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
async def test_a_body_of_another_kind_is_refused(kind):
    memory_services()
    body = json.dumps(submitted()).encode()
    answer = await call("request_submit", "POST", "/api/v1/requests", body=body, headers={"Content-Type": kind})
    assert (answer.status, answer.json["code"]) == (415, "json_expected")


async def test_a_content_type_may_carry_its_charset():
    memory_services()
    kind = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert (await call("request_submit", "POST", "/api/v1/requests", body=submitted(), headers=kind)).status == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ", "a\tb"])
async def test_an_idempotency_key_that_is_none_is_refused(key):
    memory_services()
    answer = await call(
        "request_submit", "POST", "/api/v1/requests", body=submitted(), headers={"Idempotency-Key": key}
    )
    assert (answer.status, answer.json["code"]) == (400, "idempotency_key_invalid")


async def test_a_repeated_key_answers_alike_and_with_another_body_not_at_all():
    memory_services()
    key = {"Idempotency-Key": "k-1"}
    first = await call("request_submit", "POST", "/api/v1/requests", body=submitted(), headers=key)
    again = await call("request_submit", "POST", "/api/v1/requests", body=submitted(), headers=key)
    assert (again.status, again.json, again.headers["location"]) == (202, first.json, first.headers["location"])
    other = await call("request_submit", "POST", "/api/v1/requests", body=submitted(language="nl"), headers=key)
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")


GIVEN = [
    pytest.param({}, id="no field"),
    pytest.param({"FIELD": ""}, id="empty"),
    pytest.param({"FIELD": None}, id="null"),
    pytest.param({"FIELD": 12345678}, id="a number"),
    pytest.param({"FIELD": CANARY * 20}, id="too long"),
    pytest.param({"FIELD": [CANARY]}, id="a list"),
]


@pytest.mark.parametrize("body", GIVEN)
@pytest.mark.parametrize(
    ("function", "field"), [("identity_confirm", "code"), ("identity_disown", "code"), ("export_open", "secret")]
)
async def test_a_code_or_secret_of_another_shape_is_refused_before_it_costs_a_try(function, field, body):
    world = memory_services()
    made = await call("request_submit", "POST", "/api/v1/requests", body=submitted())
    body = {name.replace("FIELD", field): value for name, value in body.items()}
    ids = {"request_id": made.json["id"], "export_id": made.json["id"]}
    answer = await call(function, "POST", "/api" + ROUTE_OF[function].path.format(**ids), body=body, **ids)
    assert answer.status == 400
    assert [one["field"] for one in answer.json["errors"]] == [field]
    assert CANARY not in answer.whole
    tries = (await world.requests.read(RequestId(made.json["id"]))).row.verification.tries_left
    assert tries == world.settings.code_tries


async def test_a_wrong_code_tells_the_tries_that_are_left():
    memory_services()
    made = await call("request_submit", "POST", "/api/v1/requests", body=submitted())
    at = f"/api/v1/requests/{made.json['id']}/verification"
    answer = await call("identity_confirm", "POST", at, body={"code": CANARY}, request_id=made.json["id"])
    assert (answer.status, answer.json["code"], answer.json["triesLeft"]) == (403, "code_rejected", 4)
    assert CANARY not in answer.whole


BODIES = {
    "GiveCode": {"code": "1"},
    "OpenExport": {"secret": "1"},
    "TaskOutcome": {"status": "failed"},
    "Approve": {"planHash": "0" * 64},
    "CloseTask": {"outcome": "nothing_held", "evidence": "Looked by hand."},
    "Extend": {"reason": "complexity"},
    "AskClarification": {"question": "Which of your accounts do you mean?"},
    "Clarify": {"text": "The one of my work"},
    "ProposeVerdict": {"outcome": "granted"},
    "ConfirmVerdict": {"verdictHash": "0" * 64},
}


def example_of(body):
    return document()["components"]["schemas"][body].get("example") if body else None


@pytest.mark.parametrize("name", [name for name, route in ROUTE_OF.items() if "_id}" in route.path])
@pytest.mark.parametrize(
    "given", ["00000000-0000-4000-8000-00000000dead", "(00000000-0000-4000-8000-00000000dead)", CANARY]
)
async def test_an_id_of_nothing_is_not_found(name, given):
    world = memory_services()
    route = ROUTE_OF[name]
    world.tokens.introduce(
        "operator", Person(given="O", surname="P", email="o@x.example", tenant=HOME).principal("Privacy.Operator")
    )
    world.tokens.introduce("service", SERVICE.principal)
    for role in ("Privacy.Admin", "Privacy.Reviewer"):
        world.tokens.introduce(role, Person(given="O", surname="P", email="o@x.example", tenant=HOME).principal(role))
    tokens = {"service": "service", "tenant": "Privacy.Admin", "reviewer": "Privacy.Reviewer"}
    answer = await call(
        name,
        route.method.upper(),
        "/api" + route.path.format(request_id=given, export_id=given, task_id=given, tenant_id=given),
        token=tokens.get(route.access, "operator"),
        body=BODIES.get(route.body or "", example_of(route.body)),
        form={"sure": "yes", "code": "1", "secret": "1", "text": "Mine"}
        if route.kind == "page" and route.method == "post"
        else None,
        request_id=given,
        export_id=given,
        task_id=given,
        tenant_id=given,
    )
    shown_alike = (
        {
            "page_verify": 200,
            "page_stop": 200,
            "page_stopped": 422,
            "page_status": 303,
            "page_clarify": 303,
            "ops_tenant_put": 200,
        }.get(name, 404)
        if given[:1] == "0"
        else 404
    )
    assert answer.status == shown_alike
    assert CANARY not in answer.whole


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        (f"limit={CANARY}", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        (f"due_after={CANARY}", "due_after"),
        ("due_after=2026-01-01", "due_after"),
        ("due_before=2026-01-01T00:00:00", "due_before"),
        ("due_before=9999-12-31T23:59:59-23:59", "due_before"),
        ("due_after=0001-01-01T00:00:00%2B23:59", "due_after"),
    ],
)
async def test_a_query_that_cannot_be_read_is_refused(query, field):
    world = memory_services()
    operator = Person(given="O", surname="P", email="o@x.example", tenant=HOME).principal("Privacy.Operator")
    world.tokens.introduce("operator", operator)
    answer = await call("ops_list", "GET", f"/api/v1/ops/requests?{query}", token="operator")
    assert answer.status == 400
    assert [one["field"] for one in answer.json["errors"]] == [field]
    assert CANARY not in answer.whole


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        pytest.param({"Origin": "https://evil.example"}, 403, id="another site"),
        pytest.param({"Origin": "https://privacy.spinpanel.example.evil.example"}, 403, id="a longer name"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="said by the browser"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="a neighbour"),
        pytest.param({"Content-Type": "application/json"}, 415, id="another kind"),
        pytest.param({"Content-Type": "multipart/form-data; boundary=x"}, 415, id="in parts"),
    ],
)
@pytest.mark.parametrize("name", ["page_asked", "page_verified", "page_withdraw", "page_link", "export_open"])
async def test_a_form_from_elsewhere_does_nothing(name, headers, code):
    world = memory_services()
    made = await call("request_submit", "POST", "/api/v1/requests", body=submitted())
    request_id = made.json["id"]
    before = await world.requests.read(RequestId(request_id))
    answer = await call(
        name,
        "POST",
        "/api" + ROUTE_OF[name].path.format(request_id=request_id, export_id=request_id),
        form={"email": f"{CANARY}@x.example", "code": "1", "sure": "yes", "secret": CANARY},
        cookie=session_of(world, request_id),
        headers=headers,
        request_id=request_id,
        export_id=request_id,
    )
    assert answer.status == code
    assert CANARY not in answer.whole
    assert await world.requests.read(RequestId(request_id)) == before


async def test_a_form_with_too_many_fields_is_refused():
    memory_services()
    answer = await call("page_asked", "POST", "/api/privacy", form={f"f{n}": CANARY for n in range(300)})
    assert answer.status == 400
    assert CANARY not in answer.whole


async def test_an_answer_never_repeats_an_accepted_value_either():
    memory_services()
    answer = await call("request_submit", "POST", "/api/v1/requests", body=submitted(email=MIRA.email))
    assert answer.status == 202
    assert MIRA.email not in answer.whole
    page = await call("page_asked", "POST", "/api/privacy", form={"email": MIRA.email})
    assert page.status == 200
    assert MIRA.email not in page.whole
