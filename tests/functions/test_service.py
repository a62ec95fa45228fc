"""The description of the API, health, what goes into logs, and trouble nobody expected."""

import logging

import azure.functions as func
import pytest
from asking import answered, code_of
from builders import HOME, MIRA, Person, called, data_map, memory_services
from checked import CANARY, call
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from functions._openapi import document
from shared.domain.errors import DataMapInvalid, StaleState, Transient

OPERATOR = Person(given="O", surname="P", email="o@spinpanel.example", tenant=HOME).principal("Privacy.Operator")


def test_the_description_is_openapi_3_1():
    OpenAPIV31SpecValidator(document()).validate()


def test_every_example_is_what_its_schema_says():
    whole = document()
    schemas = whole["components"]["schemas"]
    shown = {name: schema for name, schema in schemas.items() if "example" in schema}
    assert len(shown) >= 10
    for name, schema in shown.items():
        validator = Draft202012Validator(
            schema | {"components": whole["components"]}, format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        assert not list(validator.iter_errors(schema["example"])), name


async def test_the_description_is_served():
    memory_services()
    answer = await call("openapi_show", "GET", "/api/openapi.json")
    assert answer.json == document()


async def test_health_tells_nobody_but_operators_of_dependencies():
    world = memory_services()
    assert (await call("health_show", "GET", "/api/health")).json == {"status": "ok"}
    world.tokens.introduce("operator", OPERATOR)
    well = await call("health_show", "GET", "/api/health", token="operator")
    assert (well.status, well.json["status"]) == (200, "ok")
    assert set(well.json["dependencies"]) == {"state", "keys", "exports", "bus", "dataMap"}

    async def down(*_):
        raise Transient("down")

    world.bus.reach = down
    sick = await call("health_show", "GET", "/api/health", token="operator")
    assert (sick.status, sick.json["status"], sick.json["dependencies"]["bus"]) == (503, "degraded", "unreachable")


async def test_a_bad_data_map_is_an_unreachable_dependency_and_pages_still_render():
    world = memory_services()
    world.tokens.introduce("operator", OPERATOR)

    def refused():
        raise DataMapInvalid("data_map.yaml:3: bad")

    world.maps.current = refused
    sick = await call("health_show", "GET", "/api/health", token="operator")
    assert sick.json["dependencies"]["dataMap"] == "unreachable"
    assert (await call("page_ask", "GET", "/api/privacy", headers={"Accept": "text/html"})).status == 200


async def test_operators_see_requests_by_due_date_page_by_page_and_never_who_it_is_about():
    world = memory_services()
    world.tokens.introduce("operator", OPERATOR)
    made = []
    for _ in range(3):
        made.append((await answered(world)).id)
        world.clock.advance(days=1)
    seen, url = [], "/api/v1/ops/requests?limit=2"
    while url:
        page = await call("ops_list", "GET", url, token="operator")
        seen += [one["id"] for one in page.json["requests"]]
        assert MIRA.email not in page.whole
        cursor = page.json.get("cursor")
        url = f"/api/v1/ops/requests?limit=2&cursor={cursor}" if cursor else None
    assert seen == made
    one = await call("ops_show", "GET", f"/api/v1/ops/requests/{made[0]}", token="operator", request_id=made[0])
    assert [line["number"] for line in one.json["history"]] == list(range(1, len(one.json["history"]) + 1))
    for personal in (MIRA.email, MIRA.object_id, MIRA.surname):
        assert personal not in one.whole


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        pytest.param(RuntimeError(CANARY), 500, "internal", id="nobody expected it"),
        pytest.param(Transient("table_down"), 503, "unavailable", id="may pass"),
        pytest.param(StaleState(CANARY), 409, "busy", id="too many at once"),
        pytest.param(DataMapInvalid(CANARY), 500, "internal", id="ours"),
    ],
)
@pytest.mark.parametrize("page", [False, True])
async def test_trouble_is_answered_and_logged_without_what_it_said(error, status, code, page, caplog):
    caplog.set_level(logging.DEBUG)
    world = memory_services()

    async def fails(*_):
        raise error

    world.requests.create = fails
    if page:
        answer = await call("page_asked", "POST", "/api/privacy", form={"email": MIRA.email})
        assert (answer.status, answer.response.mimetype) == (status, "text/html")
    else:
        body = {"rights": ["access"], "email": MIRA.email}
        answer = await call("request_submit", "POST", "/api/v1/requests", body=body)
        assert (answer.status, answer.json["code"]) == (status, code)
        assert answer.json["instance"].endswith("0000000000ff")
    for told in (answer.whole, caplog.text):
        assert CANARY not in told
        assert MIRA.email not in told
    assert ("error=" in caplog.text) == (status >= 500)


async def test_no_log_line_of_a_whole_life_says_who_it_was_or_what_was_secret(caplog):
    caplog.set_level(logging.DEBUG)
    world = memory_services()
    world.maps.map = data_map()
    world.tokens.introduce("token-of-mira", MIRA.principal())
    body = {"rights": ["access"], "email": MIRA.email}
    made = await call("request_submit", "POST", "/api/v1/requests", body=body, token="token-of-mira")
    request_id = made.json["id"]
    await world.drain()
    session, _ = await world.confirm_identity(request_id, code_of(world, request_id))
    await world.drain()
    export = (await world.requests.read(request_id)).row.export
    await call(
        "export_open",
        "POST",
        f"/api/v1/exports/{export.id}",
        body={"secret": world.references.link_secret(request_id, 1)},
        token=session,
        export_id=export.id,
    )
    await called("waits_sweep", func.TimerRequest())
    lines = [record for record in caplog.records if record.name.startswith(("privacy", "shared"))]
    assert len(lines) >= 8
    secrets = (
        MIRA.email,
        MIRA.object_id,
        MIRA.tenant,
        MIRA.surname,
        "token-of-mira",
        session,
        code_of(world, request_id),
        world.references.link_secret(request_id, 1),
        world.references.typed_secret(request_id, 1),
        "203.0.113.7",
    )
    for secret in secrets:
        assert secret not in caplog.text
