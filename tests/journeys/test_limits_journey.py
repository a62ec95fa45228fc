"""Limits on processing over the real stack: people set and end them, and a service that asks hears of each at once."""

import httpx
import pytest
import yaml
from test_telemetry_journey import asked_identity
from visitors import Visitors

from devhost.stack import Stack
from samples.company_map import MAP
from samples.people import PEOPLE

pytestmark = pytest.mark.stack
DATASET, PURPOSE = "app-telemetry", "design"


@pytest.fixture(scope="module")
async def visitors(tmp_path_factory):
    """A stack whose data map names one service that may ask."""
    folder = tmp_path_factory.mktemp("limits")
    whole = yaml.load(MAP.read_bytes(), yaml.CSafeLoader)
    whole["services"] = [one for one in whole["services"] if one["connector"] == "lane_service"]
    (folder / "map.yaml").write_text(yaml.dump(whole, allow_unicode=True, sort_keys=False))
    settings = {"DATA_MAP_FILE": str(folder / "map.yaml"), "CODES_PER_DOMAIN": "1000"}
    async with Stack(folder / "stack", settings=settings) as stack, Visitors(stack) as visitors:
        yield visitors


async def hears(visitors, *people) -> list[dict]:
    """What the service is answered of some people."""
    told = visitors.stack.told
    token = (await asked_identity(told)).json()["access_token"]
    items = [{"dataset": DATASET, "kind": "entra_object_id", "value": one.oid, "tenant": one.tenant} for one in people]
    async with httpx.AsyncClient(base_url=told["url"], headers={"authorization": f"Bearer {token}"}) as http:
        answer = await http.post("/api/v1/processing/lookup", json={"items": items})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def ask(visitors, person, right: str, **scope) -> tuple[object, str]:
    someone = await visitors.signed_in(person)
    answer = await someone.call("POST", "/api/v1/requests", json={"rights": [right], "details": {right: scope}})
    assert answer.status_code == 202, answer.text
    return someone, answer.json()["id"]


async def test_a_restriction_is_heard_of_from_its_beginning_to_its_end_and_of_nobody_else(visitors):
    max_, jan = PEOPLE["max"], PEOPLE["jan"]
    before = await hears(visitors, max_, jan)
    someone, request_id = await ask(visitors, max_, "restriction", datasets=[DATASET])
    assert (await someone.ended(request_id))["status"] == "completed"
    restricted, other = await hears(visitors, max_, jan)
    assert restricted == before[0] | {"restricted": True, "version": 1}
    assert other == before[1]
    lifted = await someone.call("DELETE", f"/api/v1/requests/{request_id}/measure")
    assert lifted.status_code == 200, lifted.text
    assert await hears(visitors, max_, jan) == [before[0] | {"version": 2}, before[1]]


async def test_an_objection_holds_while_people_weigh_it(visitors):
    anna = PEOPLE["anna"]
    someone, request_id = await ask(visitors, anna, "objection", purposes=[PURPOSE])
    while not (heard := (await hears(visitors, anna))[0])["objections"]:
        assert (await someone.show(request_id))["status"] in {"received", "in_progress"}
    assert heard["objections"] == [PURPOSE]
    assert not heard["restricted"]
    operator = await visitors.signed_in(PEOPLE["olga"], "Privacy.Operator")
    early = await operator.call("POST", f"/api/v1/ops/requests/{request_id}/lift", json={"text": "Not decided yet."})
    assert early.status_code == 409, early.text


async def test_nobody_but_the_service_itself_is_answered(visitors):
    someone = await visitors.signed_in(PEOPLE["olga"], "Privacy.Operator", "Privacy.Service")
    item = {"dataset": DATASET, "kind": "entra_object_id", "value": PEOPLE["max"].oid, "tenant": PEOPLE["max"].tenant}
    answer = await someone.call("POST", "/api/v1/processing/lookup", json={"items": [item]})
    assert answer.status_code == 403, answer.text
    mine = await someone.call("GET", "/api/v1/consents")
    assert (mine.status_code, mine.json()) == (200, {"consents": []})
