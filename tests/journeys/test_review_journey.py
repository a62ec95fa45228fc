"""A copy for its person and one for other programs in one request: what others stand in is looked through first."""

import json

import planted
import pytest
from jsonschema import Draft202012Validator

from samples.people import NOORDZEE, PEOPLE

pytestmark = pytest.mark.stack

REVIEWED = frozenset(name for name, told in planted.DATASETS.items() if told.get("review"))


def told(package, right):
    return {one["id"]: one for one in package.manifest["datasets"] if one["right"] == right}


async def test_both_copies_come_in_one_package_after_a_reviewer_has_looked(visitors):
    anna = PEOPLE["anna"].email
    person = await visitors.anyone()
    asked = {"rights": ["portability", "access"], "language": "nl", "email": anna}
    receipt = (await person.call("POST", "/api/v1/requests", json=asked)).json()
    letter = await visitors.outbox.newest(anna, saying=receipt["id"])
    await person.confirm(receipt["id"], letter.code)
    package = await visitors.package(person, receipt["id"])
    expected = planted.to_address(anna, NOORDZEE.id)
    held = {name for name in REVIEWED if expected.holds(name)}
    assert held >= {"support-tickets", "chat-messages"}
    for name in held:
        assert planted.ordered(package.records(name)) == planted.ordered(expected.records[name])
        assert package.originals(name) >= expected.originals[name]
        assert told(package, "access")[name]["state"] == "included"

    portable = [one for one in told(package, "portability").values() if one["records"]]
    assert portable
    for one in portable:
        schema = json.loads(package.zip.read(f"portability/data/{one['id']}.schema.json"))
        tables = [name for name in package.zip.namelist() if name.endswith(f"/data/{one['id']}.json")]
        documents = [json.loads(package.zip.read(name)) for name in tables if name.startswith("portability/")]
        assert [found for table in documents for found in Draft202012Validator(schema).iter_errors(table)] == []
        assert sum(len(table["records"]) for table in documents) == one["records"]
    for one in told(package, "portability").values():
        basis = planted.DATASETS.get(one["id"], {}).get("legal_basis")
        if basis in {"A6-1-c", "A6-1-f"}:
            assert (one["state"], one["reason"], one["legalBasis"]) == ("right_not_applicable", "legal_basis", basis)

    olga = await visitors.signed_in(PEOPLE["olga"], *PEOPLE["olga"].roles)
    shown = (await olga.call("GET", f"/api/v1/ops/requests/{receipt['id']}")).json()
    events = [line["event"] for line in shown["history"]]
    order = [events.index(one) for one in ("collected", "review_started", "review_read", "item_reviewed", "reviewed")]
    assert order == sorted(order)
    assert events.index("reviewed") < events.index("assembled")
