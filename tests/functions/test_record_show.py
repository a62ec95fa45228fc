"""The Article 30 record over HTTP: for operators, by role, as JSON or CSV."""

import pytest
from builders import HOME, Person, memory_services
from checked import call

URL = "/api/v1/ops/processing-record"


@pytest.fixture
def token():
    world = memory_services()
    operator = Person(given="Olga", surname="Visser", email="olga@spinpanel.example", tenant=HOME)
    world.tokens.introduce("olga", operator.principal("Privacy.Operator"))
    return "olga"


async def test_it_answers_json_or_csv(token):
    told = await call("record_show", "GET", f"{URL}?role=controller", token=token)
    assert told.json["role"] == "controller"
    assert [one["id"] for one in told.json["activities"]] == ["showing"]
    sheet = await call("record_show", "GET", f"{URL}?role=controller", token=token, headers={"Accept": "text/csv"})
    assert sheet.text.count("\r\n") == 2
    assert "processing-record-controller.csv" in sheet.headers["content-disposition"]


async def test_a_role_that_processes_nothing_has_no_activity(token):
    told = await call("record_show", "GET", f"{URL}?role=processor", token=token)
    assert told.json["activities"] == []


@pytest.mark.parametrize("query", ["", "?role=boss"])
async def test_a_role_has_to_be_named(token, query):
    refused = await call("record_show", "GET", URL + query, token=token)
    assert refused.status == 400
    assert refused.json["errors"] == [{"field": "role", "reason": "not_controller_or_processor"}]
