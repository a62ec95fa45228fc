"""The sample service with a lane of its own, in its own process beside the real stack: copies, erasures, and kills."""

import asyncio
import sqlite3
from contextlib import closing

import httpx
import pytest
import yaml
from visitors import Visitors

from devhost.identity.issuer import MANAGED_CLIENT, TELEMETRY_CLIENT
from devhost.stack import Stack
from samples.company_map import MAP
from samples.people import PEOPLE
from samples.telemetry_service.records import FILE, Event, Records
from samples.telemetry_service.running import RunningTelemetry, running_telemetry

pytestmark = pytest.mark.stack
DATASET, MANY = "app-telemetry", 400
SETTINGS = {
    "COOLING_OFF": "PT0S",
    "REISSUE_AFTER": "PT4S",
    "SWEEP_SCHEDULE": "*/2 * * * * *",
    "CODES_PER_DOMAIN": "1000",
    "UPLOAD_VALID_FOR": "PT5M",
}


def event_of(person, number: int) -> Event:
    record = {
        "tenantId": person.tenant,
        "userAuthenticatedId": person.oid,
        "operationName": f"GET /page/{number}",
        "itemType": "request",
        "notInTheMap": "k3y",
    }
    return Event(DATASET, person.tenant, (("entra_object_id", person.oid),), record)


@pytest.fixture(scope="module")
async def world(tmp_path_factory):
    """A stack whose data map names this one service, and the service beside it."""
    folder = tmp_path_factory.mktemp("telemetry")
    whole = yaml.load(MAP.read_bytes(), yaml.CSafeLoader)
    whole["services"] = [one for one in whole["services"] if one["connector"] == "lane_service"]
    (folder / "map.yaml").write_text(yaml.dump(whole, allow_unicode=True, sort_keys=False))
    records = Records(folder / "telemetry")
    for name in ("anna", "jan", "max", "greta", "carmen"):
        person = PEOPLE[name]
        records.add(event_of(person, number) for number in range(MANY if name == "max" else 7))
    records.close()
    settings = SETTINGS | {"DATA_MAP_FILE": str(folder / "map.yaml")}
    async with (
        Stack(folder / "stack", settings=settings) as stack,
        Visitors(stack) as visitors,
        running_telemetry(stack.told, folder / "telemetry") as service,
    ):
        yield visitors, service


async def erase(visitors, person) -> tuple[object, str]:
    """A person who signed in and asked for erasure, and the request's id."""
    someone = await visitors.signed_in(person)
    answer = await someone.call("POST", "/api/v1/requests", json={"rights": ["erasure"]})
    assert answer.status_code == 202, answer.text
    return someone, answer.json()["id"]


def held(service: RunningTelemetry, *not_of: str) -> list[str]:
    return [record for _, record in service.rows() if not any(PEOPLE[name].oid in record for name in not_of)]


async def history(visitors, request_id: str) -> list[str]:
    operator = await visitors.signed_in(PEOPLE["olga"], "Privacy.Operator")
    answer = await operator.call("GET", f"/api/v1/ops/requests/{request_id}")
    assert answer.status_code == 200, answer.text
    return [one["event"] for one in answer.json()["history"]]


def noted(service: RunningTelemetry, request_id: str) -> list[int]:
    with closing(sqlite3.connect(service.folder / FILE)) as database:
        found = database.execute("SELECT count FROM erasures WHERE task LIKE ?", (f"{request_id}.%",)).fetchall()
    return [count for (count,) in found]


async def test_a_copy_holds_what_the_service_uploaded(world):
    visitors, _ = world
    package = await visitors.sign_in_and_ask(PEOPLE["anna"])
    records = package.records(DATASET)
    assert len(records) == 7
    assert {record["operationName"] for record in records} == {f"GET /page/{number}" for number in range(7)}
    assert "k3y" not in package.text()
    assert package.state(DATASET) == "included"


async def test_an_erasure_removes_one_persons_events_to_the_last_byte_and_nobody_elses(world):
    visitors, service = world
    jan, before = PEOPLE["jan"], held(service, "jan")
    assert jan.oid.encode() in service.raw()
    someone, request_id = await erase(visitors, jan)
    seen = await someone.ended(request_id)
    assert seen["status"] == "completed", seen
    assert jan.oid.encode() not in service.raw()
    assert held(service) == before
    assert noted(service, request_id) == [7]
    told = await history(visitors, request_id)
    assert told.count("task_claimed") == 3  # the dry run, the erasure, and once more right before deleting


async def test_somebody_unknown_to_the_service_is_a_receipt_with_zero(world):
    visitors, service = world
    before = held(service)
    someone, request_id = await erase(visitors, PEOPLE["nobody"])
    assert (await someone.ended(request_id))["status"] == "completed"
    assert (held(service), noted(service, request_id)) == (before, [0])


async def test_a_service_killed_again_and_again_ends_with_the_right_count(world):
    visitors, service = world
    before = held(service, "max")
    await service.kill()
    someone, request_id = await erase(visitors, PEOPLE["max"])
    for claims in (1, 2):
        await service.start()
        while (await history(visitors, request_id)).count("task_claimed") < claims:
            assert (await someone.show(request_id))["status"] == "in_progress"
            await asyncio.sleep(0.02)
        await service.kill()
    await service.start()
    assert (await someone.ended(request_id))["status"] == "completed"
    assert (held(service), noted(service, request_id)) == (before, [MANY])


async def test_the_services_identity_opens_its_own_tasks_and_nothing_else(world):
    visitors, _ = world
    told = visitors.stack.told
    someone, request_id = await erase(visitors, PEOPLE["greta"])
    await someone.ended(request_id)
    token = (await asked_identity(told)).json()["access_token"]
    async with httpx.AsyncClient(base_url=told["url"], headers={"authorization": f"Bearer {token}"}) as http:
        for method, path, status in (
            ("POST", f"/api/v1/tasks/{request_id}.erase1-0.0.app-insights/claim", 410),
            ("POST", f"/api/v1/tasks/{request_id}.erase1-0.0.billing/claim", 404),
            ("POST", "/api/v1/tasks/whatever/claim", 404),
            ("GET", f"/api/v1/requests/{request_id}", 401),
            ("GET", f"/api/v1/ops/requests/{request_id}", 403),
        ):
            answer = await http.request(method, path)
            assert answer.status_code == status, (method, path, answer.text)


async def asked_identity(told, header=TELEMETRY_CLIENT) -> httpx.Response:
    """Ask the identity endpoint to be the service, with its own header or another program's."""
    given = {"X-IDENTITY-HEADER": told["identity_headers"][header]}
    query = {"resource": told["audience"], "api-version": "2019-08-01", "client_id": TELEMETRY_CLIENT}
    async with httpx.AsyncClient() as http:
        return await http.get(told["env"]["IDENTITY_ENDPOINT"], params=query, headers=given)


async def test_no_other_program_can_be_the_service(world):
    visitors, _ = world
    assert (await asked_identity(visitors.stack.told, MANAGED_CLIENT)).status_code == 400
