"""Nobody gets what is somebody else's: namesakes, a shared mailbox, one address in two tenants."""

import asyncio
from dataclasses import dataclass

import planted
import pytest
from visitors import Visitors

from samples.loading import open_stores
from samples.people import NOORDZEE, PEOPLE
from samples.records.shapes import Row, compact

pytestmark = pytest.mark.stack

JANS = ("jan", "jan-finance", "jan-cloudhuis")
INFO = "info@noordzee.example"
TAGGED = "costs-of-whoever-reads-info"
TOLD = "question-of-whoever-reads-info"


@dataclass(frozen=True)
class Opened:
    """Packages by the sample person's short name."""

    packages: dict

    def holds_marks_of(self, opened, person):
        return {mark for mark in planted.marks(PEOPLE[person]) if mark in self.packages[opened].text()}


@pytest.fixture(scope="module")
async def opened(stack, shared_mailbox):
    async with Visitors(stack) as coming:
        shorts = (*JANS, "kim", "tom", "bram")
        packages = await asyncio.gather(*(coming.sign_in_and_ask(PEOPLE[short]) for short in shorts))
        return Opened(dict(zip(shorts, packages, strict=True)))


@pytest.fixture(scope="module")
async def shared_mailbox(stack):
    """What is kept under the shared address itself, and the same kind of record under an address of one person."""

    def usage(address, resource):
        instance = compact({"tags": {"owner": address}, "resourceUri": f"/subscriptions/x/{resource}"})
        row = {"tenantId": NOORDZEE.id, "resource": resource, "instanceData": instance}
        return Row("azureusage", NOORDZEE.id, resource, row)

    ticket = {"ticketNumber": "T-1", "email": INFO, "subject": TOLD, "message": "Who am I?"}
    async with open_stores(stack.told["env"]) as stores:
        await stores.write(
            [
                usage(INFO, TAGGED),
                usage("bram@noordzee.example", "costs-of-bram"),
                Row("supporttickets", INFO, "T-1", ticket),
            ]
        )


@pytest.mark.parametrize("short", JANS)
async def test_a_namesake_gets_their_own_and_nothing_of_the_others(opened, short):
    assert {PEOPLE[one].name for one in JANS} == {"Jan de Boer"}
    assert opened.holds_marks_of(short, short) >= {PEOPLE[short].oid, PEOPLE[short].key("laptop")}
    for name in planted.WITH_SIGN_IN:
        expected = planted.to_sign_in(PEOPLE[short])
        assert planted.ordered(opened.packages[short].records(name)) == planted.ordered(expected.records[name]), name
        assert opened.packages[short].originals(name) == expected.originals[name], name
    for other in set(JANS) - {short}:
        assert opened.holds_marks_of(short, other) == set()


@pytest.mark.parametrize(("short", "other"), [("kim", "tom"), ("tom", "kim")])
async def test_readers_of_one_mailbox_do_not_get_each_others_data(opened, short, other):
    assert opened.holds_marks_of(other, other) >= {PEOPLE[other].oid, PEOPLE[other].key("laptop")}
    assert PEOPLE[short].email == PEOPLE[other].email == INFO
    assert opened.holds_marks_of(short, short) >= {PEOPLE[short].oid, PEOPLE[short].key("laptop")}
    assert opened.holds_marks_of(short, other) == set()
    assert PEOPLE[other].given not in opened.packages[short].text()


async def test_signed_in_a_shared_address_is_not_searched_with(opened, storage):
    assert TAGGED in str(await storage.rows("spindata", "azureusage"))
    assert "costs-of-bram" in opened.packages["bram"].text()
    assert TAGGED not in opened.packages["kim"].text()
    assert TAGGED not in opened.packages["tom"].text()
    assert opened.packages["kim"].state("azure-utilization") == "nothing_found"


async def test_the_code_of_a_shared_mailbox_opens_neither_persons_data_and_says_so(visitors, opened, storage):
    person, request_id = await visitors.proven(INFO)
    ended = await person.ended(request_id)
    package = await visitors.package(person, request_id)
    signed_up = str(await storage.rows("spindata", "signups"))
    for short in ("kim", "tom"):
        assert PEOPLE[short].oid in signed_up
        assert not {mark for mark in planted.marks(PEOPLE[short]) if mark in package.text()}
        assert PEOPLE[short].surname not in package.text()
    assert TOLD in str(await storage.rows("spindata", "supporttickets"))
    assert TOLD not in package.text()
    assert ended["status"] == "partially_completed"
    assert {(package.state(one)) for one in planted.WITH_ADDRESS} == {"missing"}
    assert "Several people use this e-mail address" in package.zip.read("index.html").decode()
    letter = await visitors.outbox.newest(INFO, saying=ended["export"]["id"])
    assert "Your Spinpanel account" in letter.text


async def test_a_sign_in_opens_nothing_of_a_second_tenant_with_the_same_address(visitors, annas):
    there, here = PEOPLE["anna-alpenblick"], PEOPLE["anna"]
    assert (there.email, there.name) == (here.email, here.name)
    other = (await visitors.sign_in_and_ask(there)).text()
    assert {there.oid, there.tenant, there.key("laptop")} <= {
        mark for mark in {*planted.marks(there), there.tenant} if mark in other
    }
    assert not {mark for mark in {*planted.marks(there), there.tenant, there.upn} if mark in annas.text()}
    assert not {mark for mark in planted.marks(here) if mark in other}


async def test_an_administrator_gets_no_colleagues_data(visitors):
    nadia = await visitors.sign_in_and_ask(PEOPLE["nadia"])
    assert PEOPLE["nadia"].oid in nadia.text()
    for colleague in ("anna", "bram", "jan", "kim"):
        assert not {mark for mark in planted.marks(PEOPLE[colleague]) if mark in nadia.text()}


async def test_somebody_elses_request_answers_like_none(visitors):
    anna = await visitors.signed_in(PEOPLE["anna"])
    receipt = await anna.ask()
    same_address = await visitors.signed_in(PEOPLE["anna-alpenblick"])
    theirs = await same_address.call("GET", f"/api/v1/requests/{receipt['id']}")
    none = await same_address.call("GET", "/api/v1/requests/00000000-0000-4000-8000-000000000000")
    assert (theirs.status_code, theirs.json()["code"]) == (none.status_code, none.json()["code"]) == (404, "not_found")
    assert (await same_address.call("DELETE", f"/api/v1/requests/{receipt['id']}")).status_code == 404
    assert (await anna.ended(receipt["id"]))["status"] == "completed"
