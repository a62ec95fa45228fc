"""A customer's administrators over HTTP: their own cases, decided once, and no trace of anybody else's."""

import pytest
from asking import now
from builders import CONTOSO, FABRIKAM, HOME, MIRA, NAMESAKE, TOM, Person
from checked import call
from customers import NADIA, administrator, customer, mixed_world, split

ADMIN, THERE, PARTNER, OPERATOR = "nadia", "greta", "sven", "olga"
AT = f"/api/v1/tenants/{CONTOSO}"
OPS = f"/api/v1/ops/tenants/{CONTOSO}"
GRETA = Person(given="Greta", surname="Huber", email="greta@fabrikam.example", tenant=FABRIKAM)


async def world_of_two(*answers):
    world = mixed_world(intake_per_network=1000, intake_per_caller=1000)
    await world.tenants.write(customer(CONTOSO, *answers), None)
    await world.tenants.write(customer(FABRIKAM, *answers), None)
    world.tokens.introduce(ADMIN, NADIA.principal("Privacy.Admin"))
    world.tokens.introduce(THERE, GRETA.principal("Privacy.Admin"))
    world.tokens.introduce(PARTNER, GRETA.principal("Privacy.Partner"))
    world.tokens.introduce(OPERATOR, administrator(HOME, "Privacy.Operator").principal)
    return world


async def waiting():
    world = await world_of_two()
    _, [case] = await split(world)
    return world, case


def named(case, tenant=CONTOSO):
    return {"tenant_id": tenant, "request_id": case.id}


async def test_an_administrator_lists_reads_comments_and_decides():
    world, case = await waiting()
    listed = await call("tenant_requests", "GET", f"{AT}/requests?open=true", token=ADMIN, tenant_id=CONTOSO)
    assert [(one["id"], one["status"], one["decidable"]) for one in listed.json["cases"]] == [
        (case.id, "forwarded", True)
    ]
    at = f"{AT}/requests/{case.id}"
    said = await call("tenant_comment", "POST", f"{at}/comments", token=ADMIN, body={"text": "Known."}, **named(case))
    assert said.status == 201
    shown = await call("tenant_request", "GET", at, token=ADMIN, **named(case))
    assert shown.json["identifiers"] == [
        {"kind": "entra_object_id", "value": MIRA.object_id},
        {"kind": "upn", "value": MIRA.email},
        {"kind": "email", "value": MIRA.email},
    ]
    assert [one["id"] for one in shown.json["datasets"]] == ["users", "activity"]
    assert shown.json["receivedAt"] == case.received_at.isoformat().replace("+00:00", "Z")
    assert [one["text"] for one in shown.json["comments"]] == ["Known."]
    decided = await call(
        "tenant_decide", "POST", f"{at}/decision", token=ADMIN, body={"outcome": "granted"}, **named(case)
    )
    assert (decided.status, decided.json["decidable"]) == (202, False)
    await world.drain()
    assert (await now(world, case.id)).state.public == "completed"
    listed = await call("tenant_requests", "GET", f"{AT}/requests?open=true", token=ADMIN, tenant_id=CONTOSO)
    assert listed.json["cases"] == []


async def test_a_customers_answers_hold_no_hint_of_the_request_they_were_split_off():
    _, case = await waiting()
    at = f"{AT}/requests/{case.id}"
    for function, url in (("tenant_request", at), ("tenant_requests", f"{AT}/requests")):
        answer = await call(function, "GET", url, token=ADMIN, **named(case))
        assert case.origin not in answer.whole
        for word in ("signups", "tickets", "calls", "origin", "linked", "channel", "signedIn"):
            assert word not in answer.whole


@pytest.mark.parametrize("token", [THERE, PARTNER])
async def test_a_foreign_case_and_a_foreign_tenant_answer_like_none(token):
    world, case = await waiting()
    nothing = "00000000-0000-4000-8000-0000000000ff"
    answers = []
    for tenant, request in ((CONTOSO, case.id), (CONTOSO, nothing), (nothing, case.id), (FABRIKAM, case.id)):
        if token == PARTNER and tenant == FABRIKAM:
            continue  # a partner's role says nothing of its own tenant's cases
        answers.append(
            await call(
                "tenant_request",
                "GET",
                f"/api/v1/tenants/{tenant}/requests/{request}",
                token=token,
                tenant_id=tenant,
                request_id=request,
            )
        )
    assert {(one.status, one.text) for one in answers} == {(404, answers[0].text)}
    assert (await now(world, case.id)).state.public == "forwarded"


async def test_two_tenants_see_nothing_of_each_other_in_any_answer_or_mail():
    world = await world_of_two()
    asked = []
    for somebody in (MIRA, TOM, NAMESAKE):
        _, [case] = await split(world, somebody)
        asked.append(case)
    ours, theirs = (MIRA, TOM), (NAMESAKE,)
    for token, tenant, cases, foreign in (
        (ADMIN, CONTOSO, asked[:2], theirs),
        (THERE, FABRIKAM, asked[2:], ours),
    ):
        at = f"/api/v1/tenants/{tenant}"
        seen = [await call("tenant_requests", "GET", f"{at}/requests", token=token, tenant_id=tenant)]
        seen.append(await call("tenant_statistics", "GET", f"{at}/statistics", token=token, tenant_id=tenant))
        for case in cases:
            url = f"{at}/requests/{case.id}"
            seen.append(await call("tenant_request", "GET", url, token=token, **named(case, tenant)))
        assert {one.status for one in seen} == {200}
        assert {one["id"] for one in seen[0].json["cases"]} == {case.id for case in cases}
        other = {case.id for case in asked} - {case.id for case in cases}
        domain = "contoso" if tenant == CONTOSO else "fabrikam"
        mails = [
            f"{one.subject} {one.text} {one.html}" for one in world.mailer.sent if one.to.endswith(f"@{domain}.example")
        ]
        for text in [*(one.whole for one in seen), *mails]:
            assert not [mark for one in foreign for mark in (one.object_id, one.email) if mark in text]
            assert not [one for one in other if one in text]
    found = [await world.tenant_cases.page(tenant, 100) for tenant in (CONTOSO, FABRIKAM)]
    assert [set(ids) for ids, _ in found] == [{asked[0].id, asked[1].id}, {asked[2].id}]


async def test_operators_write_a_customers_record_and_change_what_they_read():
    await world_of_two()
    read = await call("ops_tenant", "GET", OPS, token=OPERATOR, tenant_id=CONTOSO)
    assert (read.status, read.json["name"]) == (200, "Contoso Ltd.")
    body = {"name": "Contoso", "terms": {"answers": ["access"], "mayNameController": True}}
    written = await call(
        "ops_tenant_put",
        "PUT",
        OPS,
        token=OPERATOR,
        body=body,
        headers={"If-Match": read.headers["etag"]},
        tenant_id=CONTOSO,
    )
    assert [one["answers"] for one in written.json["terms"]] == [[], ["access"]]
    again = await call(
        "ops_tenant_put",
        "PUT",
        OPS,
        token=OPERATOR,
        body=body,
        headers={"If-Match": read.headers["etag"]},
        tenant_id=CONTOSO,
    )
    assert (again.status, again.json["code"]) == (409, "busy")
    new = await call("ops_tenant_put", "PUT", OPS, token=OPERATOR, body=body, tenant_id=CONTOSO)
    assert (new.status, new.json["code"]) == (409, "already_there")


async def test_self_service_is_restricted_by_the_customer_and_no_right_is():
    await world_of_two()
    at = f"{AT}/self-service"
    restricted = await call(
        "tenant_self_service", "PUT", at, token=ADMIN, body={"restricted": ["profile"]}, tenant_id=CONTOSO
    )
    assert restricted.json == {"restricted": ["profile"]}
    refused = await call(
        "tenant_self_service", "PUT", at, token=ADMIN, body={"restricted": ["access"]}, tenant_id=CONTOSO
    )
    assert refused.status == 400


async def test_a_person_sees_the_case_and_its_customers_refusal():
    world, case = await waiting()
    world.tokens.introduce("mira", MIRA.principal())
    body = {"outcome": "refused", "ground": "rights_of_others", "text": "It is shared."}
    await call("tenant_decide", "POST", f"{AT}/requests/{case.id}/decision", token=ADMIN, body=body, **named(case))
    origin = await call("request_show", "GET", f"/api/v1/requests/{case.origin}", token="mira", request_id=case.origin)
    assert origin.json["linked"] == [case.id]
    shown = await call("request_show", "GET", f"/api/v1/requests/{case.id}", token="mira", request_id=case.id)
    assert (shown.json["role"], shown.json["status"]) == ("processor", "refused")
    assert shown.json["linked"] == []


async def test_a_disclosure_is_asked_followed_and_fetched_over_http_and_shown_to_the_user():
    world = await world_of_two()
    read = await world.tenants.read(CONTOSO)
    await world.tenants.write(customer(CONTOSO, may_disclose=True), read.etag)
    body = {"objectId": MIRA.object_id, "reason": "Clause 8 of the processing agreement"}
    asked = await call("tenant_disclose", "POST", f"{AT}/disclosures", token=ADMIN, body=body, tenant_id=CONTOSO)
    assert (asked.status, asked.json["disclosure"]) == (202, True)
    await world.drain()
    at, case_id = asked.headers["location"], asked.json["id"]
    shown = await call("request_show", "GET", at, token=ADMIN, request_id=case_id)
    export_id = shown.json["export"]["id"]
    opened = await call(
        "export_open", "POST", f"/api/v1/exports/{export_id}", token=ADMIN, body={}, export_id=export_id
    )
    assert opened.status == 303
    world.tokens.introduce("mira", MIRA.principal())
    listed = await call("request_list", "GET", "/api/v1/requests", token="mira")
    assert [(one["id"], one["disclosure"]) for one in listed.json["requests"]] == [(case_id, True)]
