"""Nobody gets what is somebody else's: namesakes, a shared mailbox, one address in two tenants."""

import asyncio
import time
from dataclasses import dataclass

import planted
import pytest
from person import FINAL, PATIENCE
from visitors import Visitors

from samples.loading import open_stores
from samples.people import NOORDZEE, PEOPLE, VUURTOREN
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


async def own_part_ended(person, request_id):
    """Wait until what was asked of Spinpanel itself has ended; the cases split off may go on."""
    until = time.monotonic() + PATIENCE
    while (seen := await person.show(request_id))["status"] not in FINAL:
        assert time.monotonic() < until, f"still {seen['status']}"
        await asyncio.sleep(0.1)
    return seen


async def test_an_employer_that_decides_by_itself_is_asked_and_its_grant_opens_its_data(visitors):
    femke, wim = await visitors.signed_in(PEOPLE["femke"]), await visitors.signed_in(PEOPLE["wim"], "Privacy.Admin")
    who, at = PEOPLE["femke"], f"/api/v1/tenants/{VUURTOREN.id}/requests"
    seen = await own_part_ended(femke, (await femke.ask())["id"])
    [case_id] = seen["linked"]
    assert (await femke.show(case_id))["status"] == "forwarded"
    asked = await visitors.outbox.newest(f"privacy@{VUURTOREN.domain}", saying=case_id)
    for mark in (who.email, who.surname, who.oid, seen["id"]):
        assert mark not in f"{asked.subject} {asked.text} {asked.html}"
    nadia = await visitors.signed_in(PEOPLE["nadia"], "Privacy.Admin")
    assert (await nadia.call("GET", f"{at}/{case_id}")).status_code == 404
    shown = (await wim.call("GET", f"{at}/{case_id}")).json()
    assert who.oid in {one["value"] for one in shown["identifiers"]}
    assert seen["id"] not in str(shown)
    sven = await visitors.signed_in(PEOPLE["sven"], "Privacy.Partner")
    assert (await sven.call("GET", f"{at}/{case_id}")).status_code == 200
    decided = await wim.call("POST", f"{at}/{case_id}/decision", json={"outcome": "granted"})
    assert decided.status_code == 202, decided.text
    package = await visitors.package(femke, seen["id"])
    [theirs] = package.also
    assert who.oid in theirs.text()
    ours = {one["id"] for one in package.manifest["datasets"]}
    assert ours.isdisjoint(one["id"] for one in theirs.manifest["datasets"])
    assert "directory-users" not in ours
