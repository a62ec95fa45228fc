"""Who may call what: every route for every role, on one's own request and on somebody else's, in one table."""

import pytest
from builders import CONTOSO, HOME, MIRA, NAMESAKE, TOM, Person, memory_services, session_of
from checked import ROUTE_OF, call

from shared.domain.request import RequestId

# The requests are Mira's and Tom's, both signed in, proven by mail and answered.
# Roles, in the order of the columns. "session" is of Mira's request, "tom" is Tom's token: same tenant as Mira.
PEOPLE = ["mira", "tom", "foreigner", "foreign-operator", "operator", "admin"]
ROLES = ["nobody", "session", "tom-session", *PEOPLE, "daemon", "invalid"]
TABLE = """
request_submit   -     202 202 202 202 202 202 202 202 202 401 401
profile_update   -     401 401 401 400 400 400 400 400 400 401 401
request_list     -     401 200 200 200 200 200 200 200 200 401 401
request_show     mira  401 200 404 200 404 404 404 404 404 401 401
request_show     tom   401 404 200 404 200 404 404 404 404 401 401
request_withdraw mira  401 409 404 409 404 404 404 404 404 401 401
request_withdraw tom   401 404 409 404 409 404 404 404 404 401 401
link_renew       mira  401 202 404 202 404 404 404 404 404 401 401
link_renew       tom   401 404 202 404 202 404 404 404 404 401 401
identity_confirm mira  410 410 410 410 410 410 410 410 410 410 401
identity_confirm tom   410 410 410 410 410 410 410 410 410 410 401
identity_disown  mira  410 410 410 410 410 410 410 410 410 410 401
identity_disown  tom   410 410 410 410 410 410 410 410 410 410 401
code_resend      mira  202 202 202 202 202 202 202 202 202 202 401
code_resend      tom   202 202 202 202 202 202 202 202 202 202 401
plan_show        mira  401 409 404 409 404 404 404 404 404 401 401
plan_show        tom   401 404 409 404 409 404 404 404 404 401 401
copy_waive       mira  401 409 404 409 404 404 404 404 404 401 401
copy_waive       tom   401 404 409 404 409 404 404 404 404 401 401
consent_list     -     401 200 200 200 200 200 200 200 200 401 401
measure_lift     mira  401 409 404 409 404 404 404 404 404 401 401
measure_lift     tom   401 404 409 404 409 404 404 404 404 401 401
processing_lookup -    401 401 401 403 403 403 403 403 403 403 401
ops_lift         mira  401 401 401 403 403 403 403 409 403 403 401
export_show      mira  200 200 200 200 200 200 200 200 200 200 401
export_show      tom   200 200 200 200 200 200 200 200 200 200 401
export_open      mira  403 303 403 303 403 403 403 403 403 403 401
export_open      tom   403 403 303 403 303 403 403 403 403 403 401
export_revoke    mira  401 204 404 204 404 404 404 204 404 401 401
export_revoke    tom   401 404 204 404 204 404 404 204 404 401 401
callback_take    mira  404 404 404 404 404 404 404 404 404 404 401
callback_take    tom   404 404 404 404 404 404 404 404 404 404 401
task_claim       mira  401 401 401 403 403 403 403 403 403 403 401
task_answer      mira  401 401 401 403 403 403 403 403 403 403 401
ops_list         -     401 401 401 403 403 403 403 200 403 403 401
ops_show         mira  401 401 401 403 403 403 403 200 403 403 401
ops_show         tom   401 401 401 403 403 403 403 200 403 403 401
ops_plan         mira  401 401 401 403 403 403 403 409 403 403 401
ops_plan_anew    mira  401 401 401 403 403 403 403 409 403 403 401
ops_approve      mira  401 401 401 403 403 403 403 409 403 403 401
ops_close        mira  401 401 401 403 403 403 403 410 403 403 401
ops_brakes       -     401 401 401 403 403 403 403 200 403 403 401
record_show      -     401 401 401 403 403 403 403 400 403 403 401
ops_release      -     401 401 401 403 403 403 403 404 403 403 401
review_list      -     401 401 401 403 403 403 403 403 403 403 401
review_show      mira  401 401 401 403 403 403 403 403 403 403 401
review_decide    mira  401 401 401 403 403 403 403 403 403 403 401
account_event_note - 401 401 401 403 403 403 403 403 403 403 401
request_stop     mira  404 404 404 404 404 404 404 404 404 404 401
request_stop     tom   404 404 404 404 404 404 404 404 404 404 401
ops_vouch        mira  401 401 401 403 403 403 403 409 403 403 401
ops_authority    mira  401 401 401 403 403 403 403 409 403 403 401
ops_doubt        mira  401 401 401 403 403 403 403 409 403 403 401
page_stop        mira  200 200 200 200 200 200 200 200 200 200 401
page_stopped     mira  422 422 422 422 422 422 422 422 422 422 401
ops_record       -     401 401 401 403 403 403 403 202 403 403 401
ops_extend       mira  401 401 401 403 403 403 403 409 403 403 401
ops_clarify      mira  401 401 401 403 403 403 403 409 403 403 401
request_clarify  mira  401 409 404 409 404 404 404 404 404 401 401
request_clarify  tom   401 404 409 404 409 404 404 404 404 401 401
request_question mira  401 409 404 409 404 404 404 404 404 401 401
request_question tom   401 404 409 404 409 404 404 404 404 401 401
ops_decisions    -     401 401 401 403 403 403 403 200 403 403 401
ops_ask          mira  401 401 401 403 403 403 403 200 403 403 401
ops_verdict      mira  401 401 401 403 403 403 403 409 403 403 401
ops_verdict_confirm mira 401 401 401 403 403 403 403 409 403 403 401
ops_verdict_drop mira  401 401 401 403 403 403 403 409 403 403 401
ops_unproven     -     401 401 401 403 403 403 403 200 403 403 401
bounce_note      -     401 401 401 403 403 403 403 403 403 403 401
tenant_requests  -    401 401 401 403 403 403 404 403 404 403 401
tenant_request   mira 401 401 401 403 403 403 404 403 404 403 401
tenant_decide    mira 401 401 401 403 403 403 404 403 404 403 401
tenant_disclose  -    401 401 401 403 403 403 404 403 404 403 401
tenant_comment   mira 401 401 401 403 403 403 404 403 404 403 401
tenant_statistics -    401 401 401 403 403 403 404 403 404 403 401
tenant_self_service -    401 401 401 403 403 403 404 403 404 403 401
ops_tenant       -    401 401 401 403 403 403 403 404 403 403 401
ops_tenant_put   -    401 401 401 403 403 403 403 200 403 403 401
page_ask         -     200 200 200 200 200 200 200 200 200 200 401
page_asked       -     200 200 200 200 200 200 200 200 200 401 401
page_status      mira  303 200 303 200 303 303 303 303 303 303 401
page_status      tom   303 303 200 303 200 303 303 303 303 303 401
page_verify      mira  200 200 200 200 200 200 200 200 200 200 401
page_verify      tom   200 200 200 200 200 200 200 200 200 200 401
page_verified    mira  422 422 422 422 422 422 422 422 422 422 401
page_verified    tom   422 422 422 422 422 422 422 422 422 422 401
page_withdraw    mira  401 409 404 409 404 404 404 404 404 401 401
page_withdraw    tom   401 404 409 404 409 404 404 404 404 401 401
page_waive       mira  401 409 404 409 404 404 404 404 404 401 401
page_waive       tom   401 404 409 404 409 404 404 404 404 401 401
page_clarify     mira  401 409 404 409 404 404 404 404 404 401 401
page_clarify     tom   401 404 409 404 409 404 404 404 404 401 401
page_lift        mira  401 409 404 409 404 404 404 404 404 401 401
page_lift        tom   401 404 409 404 409 404 404 404 404 401 401
page_link        mira  401 303 404 303 404 404 404 404 404 401 401
page_link        tom   401 404 303 404 303 404 404 404 404 401 401
sign_in_start    -     303 303 303 303 303 303 303 303 303 303 401
sign_in_finish   -     401 401 401 401 401 401 401 401 401 401 401
keys_show        -     200 200 200 200 200 200 200 200 200 200 401
map_show         -     200 200 200 200 200 200 200 200 200 200 401
notice_preview   -     401 401 401 403 403 403 403 200 403 403 401
health_show      -     200 200 200 200 200 200 200 200 200 200 401
openapi_show     -     200 200 200 200 200 200 200 200 200 200 401
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
BODIES = {
    "tenant_decide": {"outcome": "granted"},
    "tenant_comment": {"text": "Seen."},
    "tenant_disclose": {"objectId": MIRA.object_id, "reason": "By the agreement"},
    "tenant_self_service": {"restricted": []},
    "ops_tenant_put": {"name": "Contoso Ltd."},
    "account_event_note": {
        "tenant": CONTOSO,
        "objectId": MIRA.object_id,
        "happening": "password_reset",
        "at": "2026-11-02T09:00:00Z",
    },
    "request_stop": {"secret": "0000-0000-0000"},
    "ops_vouch": {"facts": ["invoice_number", "sign_up_month"], "email": "somebody@example.org"},
    "ops_authority": {"outcome": "checked", "evidence": "Saw the signed mandate"},
    "ops_doubt": {"reason": "Called back at the number on record"},
    "profile_update": {"corrections": [{"dataset": "users", "field": "name", "value": "not hers to say alone"}]},
    "request_submit": {"rights": ["access"], "email": "somebody@example.org"},
    "identity_confirm": {"code": "0000-0000"},
    "identity_disown": {"code": "0000-0000"},
    "task_answer": {"status": "done"},
    "review_decide": {"decisions": [{"item": "0.0", "decision": "include"}]},
    "processing_lookup": {"items": [{"dataset": "users", "kind": "upn", "value": "somebody@example.org"}]},
    "ops_lift": {"text": "What was contested turned out to be right."},
    "ops_approve": {"planHash": "0" * 64},
    "ops_record": {
        "channel": "letter",
        "rights": ["access"],
        "receivedAt": "2026-11-01T09:00:00Z",
        "evidence": "A letter, scanned",
        "language": "en",
    },
    "ops_extend": {"reason": "complexity"},
    "ops_clarify": {"question": "Which year do you mean?"},
    "request_clarify": {"text": "Last year's"},
    "ops_verdict": {"outcome": "granted"},
    "ops_verdict_confirm": {"verdictHash": "0" * 64},
    "ops_unproven": {"ids": ["00000000-0000-4000-8000-00000000dead"]},
    "bounce_note": [],
    "ops_close": {"outcome": "nothing_held", "evidence": "Looked there by hand"},
    "callback_take": {"status": "done", "datasets": [{"id": "users", "count": 1, "remaining": 0}]},
}
FORMS = {
    "page_stopped": {"secret": "0000-0000-0000"},
    "page_asked": {"email": "somebody@example.org"},
    "page_verified": {"code": "0000-0000"},
    "page_withdraw": {"sure": "yes"},
    "page_waive": {"sure": "yes"},
    "page_clarify": {"answer": "This one"},
    "page_lift": {"sure": "yes"},
    "page_link": {},
    "sign_in_finish": {"state": "forged", "id_token": "forged"},
}
LIFTED = {"intake_per_network": 1000, "intake_per_caller": 1000, "codes_per_request": 100}


async def answered(world, person: Person) -> str:
    """A request of somebody who signed in and proved an address, with its package."""
    world.tokens.introduce(f"token of {person.given} {person.tenant}", person.principal())
    made = await call(
        "request_submit",
        "POST",
        "/api/v1/requests",
        body={"rights": ["access"], "email": person.email},
        token=f"token of {person.given} {person.tenant}",
    )
    request_id = made.json["id"]
    await world.confirm_identity(RequestId(request_id), world.references.code(RequestId(request_id), 1))
    await world.drain()
    return request_id


def tokens_of(world, mira: str, tom: str) -> dict[str, str | None]:
    operator = Person(given="Olga", surname="de Wit", email="olga@spinpanel.example", tenant=HOME)
    introduced = {
        "mira": MIRA.principal(),
        "tom": TOM.principal(),
        "foreigner": NAMESAKE.principal(),
        "foreign-operator": NAMESAKE.principal("Privacy.Operator", "Privacy.Admin"),
        "operator": operator.principal("Privacy.Operator"),
        "admin": operator.principal("Privacy.Admin"),
        "daemon": operator.principal("Privacy.Operator", app="00000000-0000-4000-8000-0000000000da"),
    }
    for name, principal in introduced.items():
        world.tokens.introduce(f"token:{name}", principal)
    return {name: f"token:{name}" for name in introduced} | {
        "nobody": None,
        "session": session_of(world, mira),
        "tom-session": session_of(world, tom),
        "invalid": "token:unheard-of",
    }


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}-{row[1]}" for row in ROWS])
async def test_a_route_answers_each_role_as_the_table_says(row):
    function, whose, *expected = row
    world = memory_services(**LIFTED)
    of = {"mira": await answered(world, MIRA), "tom": await answered(world, TOM)}
    request_id = of.get(whose, of["mira"])
    export_id = (await world.requests.read(request_id)).row.export.id
    task_id = f"{request_id}.export.0.directory"
    tokens = tokens_of(world, **of)
    route = ROUTE_OF[function]
    body = BODIES.get(function)
    found = []
    for role in ROLES:
        if function == "export_open":
            issue = (await world.requests.read(request_id)).row.export.link_issue
            body = {"secret": world.references.link_secret(request_id, issue)}
        answer = await call(
            function,
            route.method.upper(),
            "/api"
            + route.path.format(
                request_id=request_id,
                export_id=export_id,
                task_id=task_id,
                brake=CONTOSO,
                notice="planned",
                tenant_id=CONTOSO,
            ),
            body=body,
            form=FORMS.get(function),
            token=tokens[role],
            headers={"Accept": "text/html"} if route.kind == "page" else None,
            request_id=request_id,
            export_id=export_id,
            task_id=task_id,
            brake=CONTOSO,
            notice="planned",
            tenant_id=CONTOSO,
        )
        found.append(str(answer.status))
        for secret in (MIRA.email, TOM.email, MIRA.surname, "oid", MIRA.object_id):
            assert secret not in answer.whole or function == "openapi_show"
        if function == "page_status" and answer.status == 303:
            assert answer.headers["location"] == f"/api/privacy/{request_id}/verify"
    assert dict(zip(ROLES, found, strict=True)) == dict(zip(ROLES, expected, strict=True))


def test_the_table_has_every_route():
    assert {row[0] for row in ROWS} == set(ROUTE_OF)
    assert all(len(row) == 2 + len(ROLES) for row in ROWS)


@pytest.mark.parametrize(("role", "own"), [("mira", "mira"), ("tom", "tom"), ("session", "mira"), ("foreigner", None)])
async def test_a_list_holds_ones_own_requests_alone(role, own):
    world = memory_services(**LIFTED)
    of = {"mira": await answered(world, MIRA), "tom": await answered(world, TOM)}
    listed = await call("request_list", "GET", "/api/v1/requests", token=tokens_of(world, **of)[role])
    assert [one["id"] for one in listed.json["requests"]] == ([of[own]] if own else [])


async def test_a_token_opens_no_request_that_was_made_without_it():
    world = memory_services()
    asked = await call("request_submit", "POST", "/api/v1/requests", body={"rights": ["access"], "email": MIRA.email})
    request_id = asked.json["id"]
    world.tokens.introduce("mira", MIRA.principal())
    shown = await call("request_show", "GET", f"/api/v1/requests/{request_id}", token="mira", request_id=request_id)
    assert shown.status == 404


async def test_a_session_ends():
    world = memory_services()
    request_id = await answered(world, MIRA)
    token = session_of(world, request_id)
    at = f"/api/v1/requests/{request_id}"
    assert (await call("request_show", "GET", at, token=token, request_id=request_id)).status == 200
    world.clock.advance(hours=1)
    assert (await call("request_show", "GET", at, token=token, request_id=request_id)).status == 401


async def test_a_cookie_that_ended_or_was_forged_is_no_error_on_a_page():
    world = memory_services()
    request_id = await answered(world, MIRA)
    ended = session_of(world, request_id)
    world.clock.advance(hours=1)
    for cookie in (ended, f"s1.{request_id}.1.9999999999.{'0' * 64}"):
        page = await call(
            "page_status",
            "GET",
            f"/api/privacy/{request_id}",
            cookie=cookie,
            request_id=request_id,
            headers={"Accept": "text/html"},
        )
        assert page.status == 303


async def test_a_cookie_counts_on_pages_alone():
    world = memory_services()
    request_id = await answered(world, MIRA)
    cookie = session_of(world, request_id)
    page = await call(
        "page_status",
        "GET",
        f"/api/privacy/{request_id}",
        cookie=cookie,
        request_id=request_id,
        headers={"Accept": "text/html"},
    )
    assert page.status == 200
    shown = await call("request_show", "GET", f"/api/v1/requests/{request_id}", cookie=cookie, request_id=request_id)
    assert shown.status == 401


@pytest.mark.parametrize(
    "authorization", ["Basic bWlyYTptaXJh", "Bearer s1.x.y.z", "Bearer s1.", "Bearer unheard-of", "Digest canary"]
)
async def test_a_proof_that_is_no_proof_is_refused_and_not_repeated(authorization):
    memory_services()
    answer = await call("page_ask", "GET", "/api/privacy", headers={"Authorization": authorization})
    assert answer.status == 401
    assert authorization.split()[1] not in answer.whole
