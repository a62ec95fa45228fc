"""A request of every right, over HTTP on the real stack: what the person sees and is told, and what comes of it."""

import asyncio
import datetime as dt
import json

import httpx
import planted
import pytest
from deciding import FOUND, asks, asks_by_mail, awaits, confirms, grants, parts, proposes, reached, told_of
from newcomers import INSTRUCTED, arrive, become_customers, desk
from test_limits_journey import hears
from visitors import Visitors
from waiting import until

from samples.people import CUSTOMER, PEOPLE, WORK, Person, Tenant
from shared import verify_certificate

pytestmark = pytest.mark.stack

HAVEN = Tenant("haven", "Havenbedrijf Kade B.V.", "haven.example")
TOREN = Tenant("toren", "Toren Bouw B.V.", "toren.example")
BOTH = frozenset({WORK, CUSTOMER})
HERE = (
    ("aafke", "Aafke", "Aarts"),
    ("bas", "Bas", "Bos"),
    ("cato", "Cato", "Claes"),
    ("dirk", "Dirk", "Dam"),
    ("eva", "Eva", "Evers"),
    ("floor", "Floor", "Fens"),
    ("gijs", "Gijs", "Groen"),
    ("hugo", "Hugo", "Haan"),
    ("iris", "Iris", "Ijsseldijk"),
    ("joost", "Joost", "Jol"),
    ("karin", "Karin", "Kok"),
    ("lotte", "Lotte", "Laan"),
    ("mees", "Mees", "Maas"),
    ("noor", "Noor", "Nies"),
)
THERE = (("otto", "Otto", "Oord"), ("pien", "Pien", "Pas"), ("quinten", "Quinten", "Quist"))
WHO = {
    short: Person(short, home, given, surname, holds=BOTH)
    for home, people in ((HAVEN, HERE), (TOREN, THERE))
    for short, given, surname in people
}
WEIGHED = {"purposes": ["design"], "statement": "I am followed from page to page."}


@pytest.fixture(scope="module", autouse=True)
async def _arrived(stack):
    async with Visitors(stack) as coming:
        await become_customers(coming, HAVEN, answers=INSTRUCTED)
        await become_customers(coming, TOREN)
    await arrive(stack.told, *WHO.values())


@pytest.fixture
async def olga(visitors):
    """An operator who also looks again at what software decided."""
    return await desk(visitors, "olga", "Privacy.Reviewer")


@pytest.fixture
async def pieter(visitors):
    """A second operator."""
    return await desk(visitors, "pieter")


async def row_of(storage, table, short):
    """A person's one row of a table, without what changes by being written."""
    [row] = [one for one in await storage.rows("spindata", table) if one["RowKey"] == WHO[short].oid]
    return row


async def mail_to(visitors, short, *words):
    """Wait for a mail to somebody that holds all of these words."""

    def found():
        return [one for one in visitors.outbox.letters(WHO[short].email) if all(word in one.text for word in words)]

    async def there():
        return found() != []

    assert await until(there, True)
    return found()[-1]


async def test_access(visitors):
    person = await visitors.signed_in(WHO["aafke"])
    request_id = await asks(person, "access")
    package = await visitors.package(person, request_id)
    seen = await person.show(request_id)
    assert (parts(seen), seen["role"], len(seen["linked"])) == ([("access", "completed")], "controller", 1)
    expected = planted.to_sign_in(WHO["aafke"])
    for name in ("sign-ups", "company-contacts", "directory-users", "licences"):
        assert expected.records[name]
        assert planted.ordered(package.records(name)) == planted.ordered(expected.records[name]), name
    [theirs] = package.also
    assert "directory-users" in {one["id"] for one in theirs.manifest["datasets"]}
    assert "directory-users" not in {one["id"] for one in package.manifest["datasets"]}


async def test_portability(visitors):
    person = await visitors.signed_in(WHO["bas"])
    request_id = await asks(person, "portability")
    package = await visitors.package(person, request_id)
    assert parts(await person.show(request_id)) == [("portability", "completed")]
    told = {one["id"]: one for one in package.manifest["datasets"]}
    assert {one["right"] for one in told.values()} == {"portability"}
    table = json.loads(package.zip.read("portability/data/sign-ups.json"))
    assert [one["firstName"] for one in table["records"]] == ["Bas"]
    assert "portability/data/sign-ups.schema.json" in package.zip.namelist()
    assert (told["sign-in-locations"]["state"], told["sign-in-locations"]["reason"]) == (
        "right_not_applicable",
        "legal_basis",
    )


async def test_rectification_of_what_people_say_themselves_is_made_at_once(visitors, storage):
    person, before = await visitors.signed_in(WHO["cato"]), await row_of(storage, "signups", "cato")
    wanted = {"dataset": "sign-ups", "field": "firstName", "value": "Catharina"}
    request_id = await asks(person, "rectification", rectification={"corrections": [wanted]})
    seen = await person.ended(request_id)
    assert (seen["status"], parts(seen)) == ("completed", [("rectification", "completed")])
    assert (before["firstName"], await row_of(storage, "signups", "cato")) == (
        "Cato",
        before | {"firstName": "Catharina"},
    )
    letter = await mail_to(visitors, "cato", request_id, "corrected")
    assert "Catharina" not in letter.text


async def test_rectification_of_what_is_checked_is_made_once_an_operator_grants_it(visitors, storage, olga):
    person, before = await visitors.signed_in(WHO["dirk"]), await row_of(storage, "signups", "dirk")
    wanted = {"dataset": "sign-ups", "field": "companyName", "value": "Kade Holding B.V."}
    request_id = await asks(person, "rectification", rectification={"corrections": [wanted]})
    waiting = await awaits(olga, request_id)
    assert (waiting["awaits"], await row_of(storage, "signups", "dirk")) == ([0], before)
    shown = (await olga.call("GET", f"/api/v1/ops/requests/{request_id}/ask")).json()
    assert shown["asks"]["rectification"]["corrections"] == [wanted]
    await grants(olga, request_id)
    assert (await person.ended(request_id))["status"] == "completed"
    assert await row_of(storage, "signups", "dirk") == before | {"companyName": "Kade Holding B.V."}
    await mail_to(visitors, "dirk", request_id, FOUND)


async def test_erasure(visitors, storage):
    person, other = await visitors.signed_in(WHO["eva"]), await row_of(storage, "signups", "floor")
    oid = WHO["eva"].oid
    tables = ("signups", "directoryusers", "licences", "signinlocations", "serverlogs", "suitability")
    assert [await mentioning(storage, table, oid, WHO["eva"].key("contact")) > 0 for table in tables] == [True] * 6
    kept = await mentioning(storage, "agreements", WHO["eva"].key("contact"))
    request_id = await asks(person, "erasure")
    seen = await person.ended(request_id)
    assert (seen["status"], parts(seen)) == ("completed", [("erasure", "completed")])
    assert [await mentioning(storage, table, oid, WHO["eva"].key("contact")) for table in tables] == [0] * 6
    assert (await mentioning(storage, "agreements", WHO["eva"].key("contact")), kept) == (1, 1)
    assert await row_of(storage, "signups", "floor") == other
    letter = await mail_to(visitors, "eva", seen["certificate"]["id"])
    assert await verified(visitors, person, *letter.link) == 0


async def mentioning(storage, table, *values):
    """How many rows hold one of these values."""
    rows = await storage.rows("spindata", table)
    return sum(any(value in str(row) for value in values) for row in rows)


async def verified(visitors, person, export_id, secret):
    """What checking a certificate offline comes to."""
    opened = await person.open(export_id, secret)
    assert opened.status_code == 303, opened.text
    async with httpx.AsyncClient(verify=person.trust) as store:
        certificate = (await store.get(opened.headers["Location"])).content
    keys = (await (await visitors.anyone()).call("GET", "/api/v1/keys")).content
    return await asyncio.to_thread(_check, visitors.stack.data, certificate, keys)


def _check(folder, certificate, keys):
    file, known = folder / "certificate-of-eva.zip", folder / "keys-for-eva.json"
    file.write_bytes(certificate)
    known.write_bytes(keys)
    return verify_certificate.main([str(file), "--keys", str(known)])


async def test_restriction(visitors, pieter):
    who, other = WHO["floor"], WHO["gijs"]
    person, before = await visitors.signed_in(who), await hears(visitors, who, other)
    request_id = await asks(person, "restriction", restriction={"datasets": ["app-telemetry"], "ground": "18-1-a"})
    seen = await person.ended(request_id)
    assert (seen["status"], parts(seen)) == ("completed", [("restriction", "completed")])
    restricted, others = await hears(visitors, who, other)
    assert (before[0]["restricted"], restricted["restricted"], others) == (False, True, before[1])
    await mail_to(visitors, "floor", request_id, "store")
    text = {"text": "The record was checked against your letter, and is right."}
    lifting = await pieter.call("POST", f"/api/v1/ops/requests/{request_id}/lift", json=text)
    assert lifting.status_code == 202, lifting.text
    assert dt.datetime.fromisoformat(lifting.json()["liftsAt"]) > dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    await mail_to(visitors, "floor", request_id, "use the data again")
    assert (await hears(visitors, who))[0]["restricted"], "it ends only days after the person was told"


async def test_objection_to_marketing_needs_nobodys_leave(visitors, storage):
    person = await visitors.anyone()
    request_id = await asks_by_mail(person, WHO["gijs"].email, "objection", objection={"purposes": ["product-news"]})
    seen = await person.ended(request_id)
    assert (seen["status"], parts(seen)) == ("completed", [("objection", "completed")])
    assert "product-news" in str([one for one in await storage.rows("spinstate", "Measures") if request_id in str(one)])
    await mail_to(visitors, "gijs", request_id, "no longer use")


async def test_objection_that_is_weighed_and_granted(visitors, olga):
    who = WHO["hugo"]
    person = await visitors.signed_in(who)
    assert (await hears(visitors, who))[0]["objections"] == []
    request_id = await asks(person, "objection", objection=WEIGHED)
    await awaits(olga, request_id)
    assert (await hears(visitors, who))[0]["objections"] == ["design"]
    assert (await person.show(request_id))["status"] == "in_progress"
    await grants(olga, request_id)
    assert parts(await person.ended(request_id)) == [("objection", "completed")]
    assert (await hears(visitors, who))[0]["objections"] == ["design"]
    await mail_to(visitors, "hugo", request_id, FOUND)


async def test_objection_that_two_people_refuse_and_a_complaint_about_it(visitors, olga, pieter):
    who = WHO["iris"]
    person = await visitors.signed_in(who)
    request_id = await asks(person, "objection", objection=WEIGHED)
    await awaits(olga, request_id)
    proposed = await proposes(olga, request_id, "refused", ground="compelling_grounds")
    assert proposed.status_code == 202, proposed.text
    assert (await confirms(olga, request_id, proposed.json())).status_code == 403
    assert (await person.show(request_id))["status"] == "in_progress"
    assert (await confirms(pieter, request_id, proposed.json())).status_code == 202
    assert parts(await person.ended(request_id)) == [("objection", "refused")]
    letter = await mail_to(visitors, "iris", request_id, FOUND)
    for words in ("weigh more than yours", "court", "Autoriteit Persoonsgegevens"):
        assert words in letter.text
    assert (await hears(visitors, who))[0]["objections"] == ["design"], "it ends only days after the person was told"

    said = {"statement": "Nobody weighed what I wrote.", "about": request_id}
    complaint = await asks(person, "complaint", complaint=said)
    arjen = await desk(visitors, "arjen")
    await awaits(arjen, complaint)
    for involved in (olga, pieter):
        assert (await proposes(involved, complaint, "granted", part=0)).status_code == 403
    await grants(arjen, complaint)
    assert parts(await person.ended(complaint)) == [("complaint", "completed")]
    answer = await mail_to(visitors, "iris", complaint, FOUND)
    assert "nothing to do with it before" in answer.text


async def test_withdrawing_consent(visitors):
    person = await visitors.anyone()
    asked = {"purposes": ["newsletter"]}
    request_id = await asks_by_mail(person, WHO["joost"].email, "withdraw_consent", withdraw_consent=asked)
    seen = await person.ended(request_id)
    assert (seen["status"], parts(seen)) == ("completed", [("withdraw_consent", "completed")])
    [line] = (await person.call("GET", "/api/v1/consents")).json()["consents"]
    assert (line["purpose"], line["eventState"], line["requestId"]) == ("newsletter", "ConsentWithdrawn", request_id)
    await mail_to(visitors, "joost", request_id, "permission has been withdrawn")


async def test_human_review_by_a_named_reviewer(visitors, olga, pieter):
    person = await visitors.signed_in(WHO["karin"])
    said = {"datasets": ["suitability-assessments"], "statement": "I know these licences well."}
    request_id = await asks(person, "human_review", human_review=said)
    await awaits(olga, request_id)
    assert (await proposes(pieter, request_id, "granted", part=0)).status_code == 403
    await grants(olga, request_id)
    assert parts(await person.ended(request_id)) == [("human_review", "completed")]
    await mail_to(visitors, "karin", request_id, "A person has looked at the decision again")
    history = (await told_of(olga, request_id))["history"]
    assert [one["actor"] for one in history if one["event"] == "verdict_given"] == [PEOPLE["olga"].oid]


async def test_an_inquiry_of_the_authority_recorded_by_an_operator(olga):
    recorded = await records(olga, "authority", "inquiry", inquiry={"statement": "How do you answer complaints?"})
    await grants(olga, recorded["id"])

    async def state():
        return (await told_of(olga, recorded["id"]))["status"]

    assert await until(state, "completed")
    told = await told_of(olga, recorded["id"])
    assert (told["channel"], parts(told)) == ("authority", [("inquiry", "completed")])


async def records(operator, channel, right, *, days=3, **more):
    """Record what came in otherwise so many days ago."""
    received = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    email = more.pop("email", None)
    given = {"channel": channel, "rights": [right], "details": more, "language": "en"}
    given |= {"receivedAt": received.isoformat(), "evidence": "In the post of this week, scanned"}
    given |= {"email": email} if email else {}
    answer = await operator.call("POST", "/api/v1/ops/requests", json=given)
    assert answer.status_code == 202, answer.text
    assert dt.datetime.fromisoformat(answer.json()["receivedAt"]) == received
    return answer.json()


async def test_a_letter_is_due_by_its_true_receipt_and_answered_to_who_proves_it(visitors, olga):
    address = WHO["lotte"].email
    recorded = await records(olga, "letter", "access", days=3, email=address)
    due = dt.datetime.fromisoformat(recorded["dueAt"])
    assert due - dt.datetime.now(dt.UTC) < dt.timedelta(days=28)
    person, stranger = await visitors.anyone(), await visitors.signed_in(WHO["lotte"])
    at = f"/api/v1/requests/{recorded['id']}"
    assert [(await one.call("GET", at)).status_code for one in (person, stranger)] == [401, 404]
    letter = await visitors.outbox.newest(address, saying=recorded["id"])
    await person.confirm(recorded["id"], letter.code)
    package = await visitors.package(person, recorded["id"])
    assert [one["lastName"] for one in package.records("sign-ups")] == ["Laan"]
    seen = await person.show(recorded["id"])
    assert (seen["status"], seen["dueAt"]) == ("completed", recorded["dueAt"])


async def test_several_rights_in_one_request_in_lawful_order(visitors, storage, pieter):
    person = await visitors.signed_in(WHO["mees"])
    wanted = {"corrections": [{"dataset": "sign-ups", "field": "firstName", "value": "Mees Jan"}]}
    asked = {"objection": {"purposes": ["product-news"]}, "rectification": wanted}
    request_id = await asks(person, "erasure", "rectification", "access", "objection", **asked)
    copy = await handed_over(person, request_id)

    async def name():
        return (await row_of(storage, "signups", "mees"))["firstName"]

    assert await until(name, "Mees Jan")
    assert (await person.show(request_id))["status"] == "in_progress", "an erasure waits until the copy was fetched"
    package = await visitors.fetched(person, copy)
    assert [one["firstName"] for one in package.records("sign-ups")] == ["Mees"], "the copy is of what there was"
    for case in copy["linked"]:
        await visitors.fetched(person, await handed_over(person, case))
    seen = await person.ended(request_id)
    assert parts(seen) == [(one, "completed") for one in ("objection", "access", "rectification", "erasure")]
    assert await mentioning(storage, "signups", WHO["mees"].oid) == 0
    events = [one["event"] for one in (await told_of(pieter, request_id))["history"]]
    order = ["planned", "handed_over", "handed_on", "plan_made", "erasure_started", "certified"]
    assert sorted(set(events) & set(order), key=events.index) == order
    assert events.index("handed_over") < events.index("downloaded") < events.index("plan_made")


async def handed_over(person, request_id):
    """A request once its copy is there."""

    async def there():
        return "export" in await person.show(request_id)

    await until(there, True)
    return await person.show(request_id)


async def test_an_extension_is_told_with_its_reason_and_given_once(visitors, olga):
    person = await visitors.signed_in(WHO["noor"])
    request_id = await asks(person, "objection", objection=WEIGHED)
    await awaits(olga, request_id)
    due = dt.datetime.fromisoformat((await person.show(request_id))["dueAt"])
    at = f"/api/v1/ops/requests/{request_id}/extension"
    longer = await olga.call("POST", at, json={"reason": "complexity"})
    assert longer.status_code == 202, longer.text
    seen = await person.show(request_id)
    later = dt.datetime.fromisoformat(seen["dueAt"]) - due
    assert (seen["status"], dt.timedelta(days=55) < later < dt.timedelta(days=66)) == ("extended", True)
    await mail_to(visitors, "noor", request_id, "because it is complex")
    assert (await olga.call("POST", at, json={"reason": "high_volume"})).status_code == 409
    await grants(olga, request_id)
    assert (await person.ended(request_id))["status"] == "completed"


async def test_a_question_is_asked_answered_and_gone_on_with(visitors, storage, olga):
    person, before = await visitors.signed_in(WHO["gijs"]), await row_of(storage, "signups", "gijs")
    request_id = await asks(person, "rectification", rectification={"statement": "My employer is wrong."})
    await awaits(olga, request_id)
    at, question = f"/api/v1/requests/{request_id}/clarification", "Who is your employer by now?"
    asked = await olga.call("POST", f"/api/v1/ops/requests/{request_id}/clarification", json={"question": question})
    assert asked.status_code == 202, asked.text
    assert (await person.show(request_id))["status"] == "clarification_pending"
    await mail_to(visitors, "gijs", request_id, question)
    assert (await person.call("GET", at)).json()["text"] == question
    stranger = await visitors.signed_in(WHO["hugo"])
    assert (await stranger.call("GET", at)).status_code == 404
    corrections = [{"dataset": "sign-ups", "field": "companyName", "value": "Groen en Zonen"}]
    given = {"text": "It is Groen en Zonen.", "details": {"rectification": {"corrections": corrections}}}
    answered = await person.call("POST", at, json=given)
    assert answered.status_code == 202, answered.text
    await awaits(olga, request_id)
    shown = (await olga.call("GET", f"/api/v1/ops/requests/{request_id}/ask")).json()
    assert [one["answer"] for one in shown["questions"]] == ["It is Groen en Zonen."]
    await grants(olga, request_id)
    assert (await person.ended(request_id))["status"] == "completed"
    assert await row_of(storage, "signups", "gijs") == before | {"companyName": "Groen en Zonen"}


async def test_a_customers_case_that_its_administrator_grants(visitors, storage):
    person, boss = await visitors.signed_in(WHO["otto"]), await visitors.signed_in(WHO["quinten"], "Privacy.Admin")
    before = await row_of(storage, "directoryusers", "otto")
    wanted = {"dataset": "directory-users", "field": "givenName", "value": "Ottokar"}
    request_id = await asks(person, "rectification", rectification={"corrections": [wanted]})
    [case] = (await reached(person, request_id, status="completed"))["linked"]
    assert (await person.show(case))["status"] == "forwarded"
    asked = await visitors.outbox.newest(f"privacy@{TOREN.domain}", saying=case)
    assert WHO["otto"].surname not in asked.text + asked.html
    await mail_to(visitors, "otto", case, TOREN.name)
    assert await row_of(storage, "directoryusers", "otto") == before
    decision = f"/api/v1/tenants/{TOREN.id}/requests/{case}/decision"
    granted = await boss.call("POST", decision, json={"outcome": "granted"})
    assert granted.status_code == 202, granted.text
    seen = await person.ended(case)
    assert (seen["role"], parts(seen)) == ("processor", [("rectification", "completed")])
    assert (before["givenName"], await row_of(storage, "directoryusers", "otto")) == (
        "Otto",
        before | {"givenName": "Ottokar"},
    )
    await mail_to(visitors, "otto", case, "corrected")


async def test_a_customers_case_that_its_administrator_refuses(visitors):
    person, boss = await visitors.signed_in(WHO["pien"]), await visitors.signed_in(WHO["quinten"], "Privacy.Admin")
    request_id = await asks(person, "access")
    seen = await reached(person, request_id, status="completed")
    [case] = seen["linked"]
    given = {"outcome": "refused", "ground": "rights_of_others", "text": "The mailbox belongs to three of us."}
    decision = f"/api/v1/tenants/{TOREN.id}/requests/{case}/decision"
    own = await visitors.signed_in(WHO["pien"], "Privacy.Admin")
    assert (await own.call("POST", decision, json=given)).status_code == 403, "nobody decides about themselves"
    refused = await boss.call("POST", decision, json=given)
    assert refused.status_code == 202, refused.text
    theirs = await person.show(case)
    assert (theirs["status"], theirs["reason"], parts(theirs)) == (
        "refused",
        "controller_refused",
        [("access", "refused")],
    )
    letter = await mail_to(visitors, "pien", case, given["text"])
    for words in (TOREN.name, "court", "Autoriteit Persoonsgegevens", f"privacy@{TOREN.domain}"):
        assert words in letter.text
    assert "export" not in theirs
    package = await visitors.fetched(person, seen)
    assert [one["lastName"] for one in package.records("sign-ups")] == ["Pas"]
    assert "directory-users" not in {one["id"] for one in package.manifest["datasets"]}
