"""Services that cannot answer hold up nobody, and what is missing is said everywhere."""

import planted
import pytest
from broken_services import FAULTY, LOST
from visitors import Visitors

from samples.people import PEOPLE

pytestmark = pytest.mark.stack

ADDRESS = {"en": "anna@noordzee.example", "nl": "danielle@noordzee.example"}
SUBJECT = {"en": "Your personal data is ready", "nl": "Uw persoonsgegevens zijn klaar"}
MISSING = {"en": "The package is not complete yet", "nl": "Het pakket is nog niet compleet"}
TITLES = {
    "en": ("Your lost-table records", "Your faulty-store records"),
    "nl": ("Uw lost-table-gegevens", "Uw faulty-store-gegevens"),
}


@pytest.fixture(scope="module", params=["en", "nl"])
async def answered(request, strained):
    """The ended request, its package and its mail, of somebody who signed in."""
    person = PEOPLE["anna" if request.param == "en" else "danielle"]
    async with Visitors(strained) as visitors:
        someone = await visitors.signed_in(person)
        receipt = await someone.ask(language=request.param)
        ended = await someone.ended(receipt["id"])
        letter = await visitors.outbox.newest(ADDRESS[request.param], saying=ended["export"]["id"])
        return person, ended, await visitors.package(someone, receipt["id"]), letter


async def test_the_request_ends_in_part_and_names_the_services_that_failed(answered):
    _, ended, _, _ = answered
    assert ended["status"] == "partially_completed"
    assert [part["status"] for part in ended["parts"]] == ["partially_completed"]
    failed = {one["id"]: one["reason"] for one in ended["services"] if one["status"] != "done"}
    assert failed == {LOST: "store_missing", FAULTY: "status_500"}
    assert [one["status"] for one in ended["cases"]] == ["completed"], "what the customer answers for is complete"


async def test_all_others_are_in_the_package_and_complete(answered):
    person, _, package, _ = answered
    expected = planted.to_sign_in(person)
    assert sum(map(expected.holds, planted.WITH_SIGN_IN)) > 10
    for name in planted.WITH_SIGN_IN:
        assert planted.ordered(package.records(name)) == planted.ordered(expected.records[name]), name
        assert package.originals(name) == expected.originals[name], name


async def test_manifest_and_index_say_what_is_missing_and_why(answered):
    _, ended, package, _ = answered
    missing = {one: package.told_of(one)["reason"] for one in package.names() if package.state(one) == "missing"}
    assert missing == {f"{LOST}-rows": "store_missing", f"{FAULTY}-rows": "status_500"}
    index = package.zip.read("index.html").decode()
    assert all(title in index for title in TITLES[ended["language"]])


async def test_the_mail_says_what_is_missing_in_the_persons_language(answered):
    _, ended, _, letter = answered
    assert letter.subject == SUBJECT[ended["language"]]
    assert MISSING[ended["language"]] in letter.text
    assert all(title in letter.text for title in TITLES[ended["language"]])
