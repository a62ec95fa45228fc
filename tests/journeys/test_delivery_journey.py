"""A package is handed over by a link that can be looked at freely, opened by who proves it, renewed and taken back."""

import re
import ssl
from dataclasses import dataclass

import httpx
import pytest
from person import Letter, Person
from storage_accounts import StorageAccounts
from visitors import Visitors
from waiting import until

from samples.people import PEOPLE

pytestmark = pytest.mark.stack

ADDRESS = "jan@noordzee.example"
NONE = "00000000-0000-4000-8000-000000000000"


@dataclass
class Delivered:
    """A person whose package is ready, and the mail that says so."""

    person: Person
    request: str
    export: str
    letter: Letter

    @property
    def secret(self):
        return self.letter.link[1]

    async def look(self, accept="application/json"):
        return await self.person.call("GET", f"/api/v1/exports/{self.export}", headers={"Accept": accept})

    async def opens(self, secret=None):
        answer = await self.person.open(self.export, secret or self.secret)
        return answer.status_code if answer.status_code == 303 else (answer.status_code, answer.json()["code"])


@pytest.fixture
async def delivered(visitors):
    jan = await visitors.signed_in(PEOPLE["jan"])
    request_id = (await jan.ask())["id"]
    export = (await jan.ended(request_id))["export"]["id"]
    return Delivered(jan, request_id, export, await visitors.outbox.newest(ADDRESS, saying=export))


async def test_looking_spends_nothing(delivered):
    looks = [await delivered.look(accept) for accept in ("application/json", "text/html", "application/json")]
    assert 'name="secret"' in looks[1].text
    assert [one.status_code for one in looks] == [200, 200, 200]
    assert looks[-1].json()["downloads"] == 0
    assert [await delivered.opens() for _ in range(2)] == [303, 303]
    assert (await delivered.look()).json()["downloads"] == 2


async def test_a_wrong_secret_is_counted_and_the_right_one_still_works(delivered):
    wrong = await delivered.person.open(delivered.export, "A" * 43)
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["triesLeft"]) == (403, "code_rejected", 19)
    assert (await delivered.person.open(NONE, delivered.secret)).status_code == 404
    assert await delivered.opens() == 303
    assert (await delivered.look()).json()["downloads"] == 1


async def test_the_key_that_can_be_typed_opens_it_too(delivered):
    typed = re.search(r"\b([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})\b", delivered.letter.text)[1]
    assert await delivered.opens(typed.lower().replace("-", " ")) == 303


async def test_the_secret_alone_opens_nothing(visitors, delivered):
    for stranger in (
        await visitors.anyone(),
        await visitors.signed_in(PEOPLE["jan-finance"]),
        (await visitors.proven(ADDRESS))[0],
        await visitors.signed_in(PEOPLE["olga"], "Privacy.Operator"),
    ):
        answer = await stranger.open(delivered.export, delivered.secret)
        assert (answer.status_code, answer.json()["code"]) == (403, "proof_needed")
    assert (await delivered.look()).json()["downloads"] == 0


async def test_a_fresh_link_voids_the_one_before(visitors, delivered):
    before = delivered.secret
    asked = await delivered.person.call("POST", f"/api/v1/requests/{delivered.request}/link")
    assert asked.status_code == 202
    fresh = await visitors.outbox.newest(ADDRESS, of=2, saying=delivered.export)
    assert fresh.subject == "Your new link to your personal data"
    assert fresh.link[1] != before
    assert await delivered.opens(before) == (403, "code_rejected")
    assert await delivered.opens(fresh.link[1]) == 303


async def test_a_person_takes_a_link_back_and_may_ask_for_another(visitors, delivered):
    path = f"/api/v1/exports/{delivered.export}"
    assert [(await delivered.person.call("DELETE", path)).status_code for _ in range(2)] == [204, 204]
    assert await delivered.opens() == (410, "revoked")
    assert (await delivered.look()).json()["code"] == "revoked"
    assert (await delivered.look("text/html")).status_code == 410
    assert (await delivered.person.show(delivered.request))["export"]["status"] == "revoked"
    await delivered.person.call("POST", f"/api/v1/requests/{delivered.request}/link")
    fresh = await visitors.outbox.newest(ADDRESS, of=2, saying=delivered.export)
    assert await delivered.opens(fresh.link[1]) == 303


async def test_an_operator_takes_a_link_back_and_nobody_elses_word_counts(visitors, delivered):
    path = f"/api/v1/exports/{delivered.export}"
    for short, roles in (("olga", ()), ("fabian", ("Privacy.Operator",)), ("nadia", ("Privacy.Admin",))):
        stranger = await visitors.signed_in(PEOPLE[short], *roles)
        assert (await stranger.call("DELETE", path)).status_code == 404
    assert (await (await visitors.anyone()).call("DELETE", path)).status_code == 401
    assert await delivered.opens() == 303
    olga = await visitors.signed_in(PEOPLE["olga"], "Privacy.Operator")
    assert (await olga.call("DELETE", path)).status_code == 204
    assert await delivered.opens() == (410, "revoked")


async def test_only_the_package_is_kept_once_it_is_assembled(delivered, storage):
    async def kept():
        return await storage.blob_names("spinexports", delivered.request)

    assert await until(kept, [f"packages/{delivered.request}/package.zip"])


async def test_a_package_ends_with_its_time_and_is_really_gone_from_storage(start_stack):
    settings = {"PACKAGE_KEPT_FOR": "PT6S", "SWEEP_SCHEDULE": "*/1 * * * * *"}
    async with (
        start_stack(**settings) as stack,
        Visitors(stack) as visitors,
        StorageAccounts(stack.told) as storage,
        httpx.AsyncClient(verify=ssl.create_default_context(cafile=stack.told["ca_file"])) as browser,
    ):
        jan = await visitors.signed_in(PEOPLE["jan"])
        request_id = (await jan.ask())["id"]
        await jan.ended(request_id)
        letter = await visitors.outbox.newest(ADDRESS, saying=request_id)
        export, secret = letter.link
        url = (await jan.open(export, secret)).headers["Location"]
        assert (await browser.get(url)).status_code == 200
        assert await storage.blob_names("spinexports", request_id)

        async def look():
            return (await jan.call("GET", f"/api/v1/exports/{export}")).status_code

        async def kept():
            return await storage.blob_names("spinexports", request_id)

        assert await until(look, 410)
        assert await until(kept, [])
        assert (await browser.get(url)).status_code == 404
        gone = [await jan.open(export, secret), await jan.call("POST", f"/api/v1/requests/{request_id}/link")]
        assert [(one.status_code, one.json()["code"]) for one in gone] == [(410, "expired")] * 2
        assert (await jan.show(request_id))["export"]["status"] == "expired"


async def test_a_proof_ages_and_a_new_code_renews_it(strained):
    async with Visitors(strained) as visitors:
        person, request_id = await visitors.proven(ADDRESS)
        export = (await person.ended(request_id))["export"]["id"]
        delivered = Delivered(person, request_id, export, await visitors.outbox.newest(ADDRESS, saying=export))
        assert await until(delivered.opens, (403, "proof_needed"))
        assert (await person.show(request_id))["status"] == "partially_completed"
        await person.call("POST", f"/api/v1/requests/{request_id}/verification/resend")
        fresh = await visitors.outbox.newest(ADDRESS, of=3, saying=request_id)
        await person.confirm(request_id, fresh.code)
        assert await delivered.opens() == 303


async def test_a_withdrawn_request_after_the_answer_changes_nothing(delivered):
    answer = await delivered.person.call("DELETE", f"/api/v1/requests/{delivered.request}")
    assert (answer.status_code, answer.json()["status"]) == (409, 409)
    assert await delivered.opens() == 303


@pytest.mark.parametrize("short", ["kim", "nobody"])
async def test_who_signed_in_and_has_no_address_of_their_own_opens_the_package_without_a_link(visitors, short):
    person = await visitors.signed_in(PEOPLE[short])
    request_id = (await person.ask())["id"]
    export = (await person.ended(request_id))["export"]["id"]
    operator = await visitors.signed_in(PEOPLE["olga"], "Privacy.Operator")

    async def marked():
        return "no_address" in (await operator.call("GET", f"/api/v1/ops/requests/{request_id}")).json()["attention"]

    assert await until(marked, True)
    assert not [letter for letter in visitors.outbox.letters() if request_id in letter.text]
    path = f"/api/v1/exports/{export}"
    assert (await (await visitors.anyone()).call("POST", path, json={})).status_code == 400
    for stranger in (await visitors.signed_in(PEOPLE["tom"]), (await visitors.proven(ADDRESS))[0], operator):
        assert (await stranger.call("POST", path, json={})).json()["code"] == "proof_needed"
    assert (await person.call("POST", path, json={})).status_code == 303
    page = await person.call("GET", path, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert 'name="secret"' not in page.text
    assert (await person.call("POST", path, data={"action": "download"})).status_code == 303


async def test_without_its_secret_a_mailed_link_stays_closed(delivered):
    answer = await delivered.person.call("POST", f"/api/v1/exports/{delivered.export}", json={})
    assert (answer.status_code, answer.json()["errors"]) == (400, [{"field": "secret", "reason": "missing"}])
    assert (await delivered.look()).json()["downloads"] == 0
