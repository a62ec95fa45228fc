"""Corrections over the real stack: one's own profile says so in every store, and nobody else's record changes."""

import planted
import pytest
from visitors import Visitors

from samples.people import PEOPLE

pytestmark = pytest.mark.stack

NAME, PHONE = "Zoë 'Anna' O\u2019Neil", "+31 (0)30 123 45 67"


@pytest.fixture(scope="module")
async def visitors(start_stack):
    """A stack of its own: what the others hold their packages against does not change."""
    async with start_stack() as stack, Visitors(stack) as visitors:
        yield visitors


def corrections(**values: str) -> list[dict[str, str]]:
    named = {"first_name": ("sign-ups", "firstName"), "phone": ("company-contacts", "phone")}
    return [
        {"dataset": named[name][0], "field": named[name][1], "value": value} for name, value in sorted(values.items())
    ]


async def package_of(visitors, person):
    someone = await visitors.signed_in(person)
    receipt = await someone.ask()
    return await visitors.package(someone, receipt["id"])


async def test_a_profile_that_was_changed_says_so_in_every_store_and_in_the_next_copy(visitors):
    anna, jan = PEOPLE["anna"], PEOPLE["jan"]
    before = await package_of(visitors, anna)
    someone = await visitors.signed_in(anna)
    answer = await someone.call(
        "PATCH", "/api/v1/profile", json={"corrections": corrections(first_name=NAME, phone=PHONE)}
    )
    assert answer.status_code == 202, answer.text
    ended = await someone.ended(answer.json()["id"])
    assert ended["status"] == "completed"
    assert {one["status"] for one in ended["services"]} == {"done"}
    after = await package_of(visitors, anna)
    for name, field, value in (("sign-ups", "firstName", NAME), ("company-contacts", "phone", PHONE)):
        held = planted.ordered([one | {field: value} for one in before.records(name)])
        assert held
        assert planted.ordered(after.records(name)) == held
    expected = planted.to_sign_in(jan)
    other = await package_of(visitors, jan)
    for name in ("sign-ups", "company-contacts"):
        assert planted.ordered(other.records(name)) == planted.ordered(expected.records[name])


async def test_what_is_not_left_to_people_is_asked_for_and_waits_for_a_person(visitors):
    someone = await visitors.signed_in(PEOPLE["max"])
    wrong = {"dataset": "sign-ups", "field": "companyName", "value": "Another Ltd."}
    refused = await someone.call("PATCH", "/api/v1/profile", json={"corrections": [wrong]})
    assert (refused.status_code, "Another" in refused.text) == (400, False)
    body = {"rights": ["rectification"], "details": {"rectification": {"corrections": [wrong]}}}
    asked = await someone.call("POST", "/api/v1/requests", json=body)
    assert asked.status_code == 202, asked.text
    assert (await someone.show(asked.json()["id"]))["status"] in {"received", "in_progress"}
