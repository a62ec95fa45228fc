"""What services hear over HTTP of limits on processing, and what people and operators do about them there."""

import pytest
from builders import CONTOSO, FABRIKAM, HOME, MIRA, TOM, Person
from checked import call
from measuring_world import CLIENT, OPERATOR, OTHER, measuring_world, settled

MACHINE = Person(given="", surname="", email="", tenant=HOME, object_id=CLIENT)
SHAPE = ["dataset", "handle", "maxAgeSeconds", "objections", "recipients", "restricted", "version", "withdrawals"]
ABOUT = {"dataset": "visits", "kind": "email", "value": MIRA.email}


def world_of_services(**how):
    world = measuring_world(**how)
    for name, client, tenant in (("service", CLIENT, HOME), ("other", OTHER, HOME), ("foreign", CLIENT, FABRIKAM)):
        world.tokens.introduce(name, MACHINE.principal("Privacy.Service", app=client, tenant=tenant))
    world.tokens.introduce("mira", MIRA.principal())
    world.tokens.introduce("operator", OPERATOR.principal)
    return world


async def look(*items, token="service"):
    return await call("processing_lookup", "POST", "/api/v1/processing/lookup", body={"items": items}, token=token)


async def test_a_stranger_and_somebody_with_no_limits_and_with_some_are_answered_alike():
    world = world_of_services()
    await settled(world, "restriction", "objection", objection={"purposes": ["statistics"]})
    answered = await look(ABOUT, ABOUT | {"value": TOM.email}, ABOUT | {"value": "nobody@nowhere.example"})
    assert answered.status == 200
    mine, toms, nobodys = answered.json["items"]
    assert [sorted(one) for one in (mine, toms, nobodys)] == [SHAPE] * 3
    assert mine["restricted"] is True
    assert mine["objections"] == ["statistics"]
    for other in (toms, nobodys):
        kept = {name: value for name, value in other.items() if name != "handle"}
        assert kept == {
            "dataset": "visits",
            "version": 0,
            "restricted": False,
            "objections": [],
            "withdrawals": [],
            "recipients": [],
            "maxAgeSeconds": 300,
        }
    assert len({mine["handle"], toms["handle"], nobodys["handle"]}) == 3


async def test_an_answer_never_says_who_it_is_about_or_who_asked_for_it_or_why():
    world = world_of_services()
    request = await settled(world, "restriction", restriction={"ground": "18-1-b", "statement": "They stole my data"})
    answered = await look(ABOUT, {**ABOUT, "dataset": "users", "kind": "upn", "tenant": CONTOSO})
    for secret in (MIRA.email, MIRA.surname, MIRA.object_id, CONTOSO, request.id, "18-1-b", "stole"):
        assert secret not in answered.whole


async def test_a_person_is_told_by_one_spelling_of_an_address_as_by_another():
    world = world_of_services()
    await settled(world, "restriction")
    one, other = (await look(ABOUT, ABOUT | {"value": f" {MIRA.email.upper()}"})).json["items"]
    assert one == other
    assert one["restricted"]


@pytest.mark.parametrize(
    ("item", "token", "status"),
    [
        pytest.param(ABOUT, "service", 200, id="its own"),
        pytest.param(ABOUT, "other", 403, id="another service's"),
        pytest.param(ABOUT | {"dataset": "tickets"}, "service", 403, id="a dataset that nobody may ask about"),
        pytest.param(ABOUT | {"dataset": "unheard-of"}, "service", 403, id="a dataset that is not there"),
        pytest.param(ABOUT, "foreign", 403, id="the same client in another tenant"),
        pytest.param(ABOUT | {"kind": "upn"}, "service", 400, id="an identifier that it has no way by"),
        pytest.param(ABOUT | {"tenant": CONTOSO}, "service", 400, id="a tenant where there is none"),
        pytest.param(ABOUT | {"dataset": "users"}, "service", 400, id="no tenant where there are"),
        pytest.param(ABOUT | {"value": "no address"}, "service", 400, id="no address"),
        pytest.param({**ABOUT, "dataset": "users", "tenant": "x" * 36}, "service", 400, id="no GUID"),
        pytest.param(ABOUT | {"why": "curious"}, "service", 400, id="something else"),
    ],
)
async def test_a_service_asks_about_its_own_datasets_by_the_identifiers_they_have(item, token, status):
    world_of_services()
    answered = await look(ABOUT, item, token=token)
    assert answered.status == status
    assert item["value"] not in answered.whole


async def test_a_hundred_at_once_and_no_more():
    world_of_services()
    assert len((await look(*[ABOUT] * 100)).json["items"]) == 100
    assert (await look(*[ABOUT] * 101)).status == 400
    assert (await look()).status == 400


async def test_a_service_that_asks_over_and_over_is_asked_to_wait():
    world_of_services(lookups_per_service=2)
    assert [(await look(ABOUT)).status for _ in range(3)] == [200, 200, 429]
    assert (await look(ABOUT, token="other")).status == 403


async def test_a_person_ends_their_own_restriction():
    world = world_of_services()
    request = await settled(world, "restriction")
    url = f"/api/v1/requests/{request.id}/measure"
    lifted = await call("measure_lift", "DELETE", url, token="mira", request_id=request.id)
    assert lifted.status == 200
    assert (await look(ABOUT)).json["items"][0]["restricted"] is False
    again = await call("measure_lift", "DELETE", url, token="mira", request_id=request.id)
    assert (again.status, again.json["code"]) == (409, "nothing_to_lift")


async def test_an_operator_announces_the_end_of_a_restriction():
    world = world_of_services()
    request = await settled(world, "restriction")
    url = f"/api/v1/ops/requests/{request.id}/lift"
    body = {"text": "It was checked and found right."}
    told = await call("ops_lift", "POST", url, body=body, token="operator", request_id=request.id)
    assert told.status == 202
    assert told.json == {"id": request.id, "liftsAt": "2026-11-05T09:30:00Z"}
    assert (await look(ABOUT)).json["items"][0]["restricted"] is True


async def test_a_person_sees_their_own_record_of_consent():
    world = world_of_services()
    request = await settled(world, "withdraw_consent")
    shown = await call("consent_list", "GET", "/api/v1/consents", token="mira")
    assert shown.json == {
        "consents": [
            {
                "recordId": f"{request.id}.0.news",
                "purpose": "news",
                "eventType": "user",
                "eventState": "ConsentWithdrawn",
                "eventTime": "2026-11-02T09:30:00Z",
                "requestId": request.id,
            }
        ]
    }
    world.tokens.introduce("tom", TOM.principal())
    assert (await call("consent_list", "GET", "/api/v1/consents", token="tom")).json == {"consents": []}
