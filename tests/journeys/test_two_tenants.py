"""Two customers, and people with one address in both: whatever either asks, it never learns of the other's."""

from dataclasses import dataclass

import httpx
import pytest
from deciding import asks, asks_by_mail, reached
from newcomers import arrive, become_customers
from person import Package
from two_sides import Side, comparable, everything_seen, found_in, whole
from visitors import Visitors

from samples.people import CUSTOMER, WORK, Person, Tenant

pytestmark = pytest.mark.stack

ANKER = Tenant("anker", "Anker Zeevaart B.V.", "anker.example")
BERG = Tenant("berg", "Bergbahn Reisen GmbH", "berg.example", "DE")
NOWHERE, NOTHING = "00000000-0000-4000-8000-0000000000f0", "00000000-0000-4000-8000-0000000000ff"
SHARED = "robin.roosendaal@brievenbus.example"
BOTH = frozenset({WORK, CUSTOMER})
REASON = "Article 28(3)(e) of our processing agreement"
GRANTED = {"outcome": "granted"}
REFUSED = {"outcome": "refused", "ground": "rights_of_others", "text": "Others stand in it."}


def robin(home):
    return Person("robin", home, "Robin", "Roosendaal", holds=BOTH, address=SHARED)


async def side(visitors, tenant, administrator, colleague):
    boss = Person(administrator, tenant, administrator.title(), "Beheer", roles=("Privacy.Admin",))
    visitor = await visitors.signed_in(boss, *boss.roles)
    other = Person(colleague, tenant, colleague.title(), "Collega", holds=BOTH)
    return Side(tenant, boss, (robin(tenant), other), visitor)


async def reaches_both(visitors, one):
    """Let a user prove the shared address beside their sign-in; only what is of their own side is split off."""
    user = await visitors.signed_in(one.people[0])
    request_id = await asks(user, "access", email=SHARED)
    letter = await visitors.outbox.newest(SHARED, saying=request_id)
    given = await user.call("POST", f"/api/v1/requests/{request_id}/verification", json={"code": letter.code})
    assert given.status_code == 200, given.text
    seen = await reached(user, request_id, status="completed")
    assert (len(seen["parts"]), len(seen["linked"])) == (2, 1)
    one.cases += seen["linked"]
    return request_id


@dataclass
class Told:
    """Everything that was said while both sides asked."""

    sides: tuple[Side, Side]
    joint: list[str]
    unmoved: list
    bus: list[str]
    mails: list
    packages: dict


async def make_requests(visitors, one):
    """Let each user of a side ask; what Spinpanel is processor of goes to the side's administrator."""
    for person in one.people:
        someone = await visitors.signed_in(person)
        request_id = await asks(someone, "access", "restriction")
        seen = await reached(someone, request_id, status="completed")
        one.requests.append(request_id)
        one.cases += seen["linked"]
    assert len(one.cases) == len(one.people)


async def looks_around(one, cases):
    """Ask for everything there is to ask of one's own, changing nothing."""
    asked = [("requests", {}), ("requests", {"open": "true"}), ("requests", {"limit": "1"}), ("statistics", {})]
    asked += [(f"requests/{case}", {"language": language}) for case in cases for language in ("en", "nl")]
    return [await one.asks("GET", f"{one.at}/{path}", params=params) for path, params in asked]


async def works(one, cases):
    """Comment, restrict self-service, decide each case, and receive a user's data."""
    done = [await one.asks("PUT", f"{one.at}/self-service", json={"restricted": ["profile"]})]
    for number, case in enumerate(cases):
        at = f"{one.at}/requests/{case}"
        done.append(await one.asks("POST", f"{at}/comments", json={"text": f"Asked at {one.tenant.short}."}))
        done.append(await one.asks("POST", f"{at}/decision", json=REFUSED if number == 1 else GRANTED))
    disclosed = await one.asks("POST", f"{one.at}/disclosures", json={"objectId": one.people[0].oid, "reason": REASON})
    done.append(disclosed)
    assert {answer.status_code for answer in done} <= {200, 201, 202}, [answer.text for answer in done]
    case = disclosed.json()["id"]
    one.cases.append(case)
    seen = await reached(one.visitor, case, status="completed")
    await one.asks("GET", "/api/v1/requests")
    opened = await one.asks("POST", f"/api/v1/exports/{seen['export']['id']}", json={})
    async with httpx.AsyncClient(verify=one.visitor.trust) as store:
        return Package((await store.get(opened.headers["Location"])).content)


@pytest.fixture(scope="module")
async def told(stack):
    async with Visitors(stack) as visitors:
        async with everything_seen(stack.told) as bus:
            await become_customers(visitors, ANKER, BERG)
            sides = (await side(visitors, ANKER, "ank", "cora"), await side(visitors, BERG, "bea", "dora"))
            first, second = sides
            await arrive(stack.told, *(person for one in sides for person in one.people))
            await make_requests(visitors, first)
            before = await looks_around(first, first.cases)
            await make_requests(visitors, second)
            unmoved = [(before, await looks_around(first, first.cases))]
            by_mail = await visitors.anyone()
            joint = [await asks_by_mail(by_mail, SHARED, "access")]
            # An address alone opens nothing that is held for a customer: it reaches what is ours, in both tenants.
            assert (await reached(by_mail, joint[0], status="completed"))["linked"] == []
            joint += [await reaches_both(visitors, one) for one in sides]
            before = await looks_around(second, second.cases)
            packages = [await works(first, list(first.cases))]
            unmoved.append((before, await looks_around(second, second.cases)))
            packages.append(await works(second, list(second.cases)))
            for one in sides:
                await looks_around(one, one.cases)
            mails = visitors.outbox.letters()
        yield Told(sides, joint, unmoved, bus, mails, dict(zip(("anker", "berg"), packages, strict=True)))


@pytest.fixture(params=[0, 1], ids=["anker", "berg"])
def seen_by(request, told):
    """One side, and the other."""
    return told.sides[request.param], told.sides[1 - request.param]


async def test_both_sides_lie_in_the_stores_and_one_address_opens_both(told, storage):
    stored = str([await storage.rows("spindata", table) for table in ("signups", "directoryusers")])
    for one in told.sides:
        people = {value for person in one.people for value in (person.oid, person.upn)}
        assert found_in(stored, people) == people
        assert one.people[0].email == SHARED
        assert len(one.cases) == 4
    assert SHARED in stored
    rows = await storage.rows("spinstate", "TenantCases")
    for one in told.sides:
        assert {row["RowKey"] for row in rows if row["PartitionKey"] == one.tenant.id} == set(one.cases)


def test_no_answer_to_an_administrator_holds_anything_of_the_other_side(seen_by, told):
    mine, other = seen_by
    said = "\n".join(whole(answer) for answer in mine.answers)
    persons = {person.oid for person in mine.people}
    assert found_in(said, {mine.tenant.id, *persons, *mine.cases}) == {mine.tenant.id, *persons, *mine.cases}
    assert found_in(said, {*other.marks, *mine.requests, *told.joint}) == set()


def test_a_disclosed_copy_is_of_ones_own_user_alone(seen_by, told):
    mine, other = seen_by
    text = told.packages[mine.tenant.short].text()
    assert mine.people[0].oid in text
    assert found_in(text, {*other.marks, mine.people[1].oid}) == set()


def test_what_the_other_side_does_changes_no_byte_of_ones_own_answers(told):
    for before, after in told.unmoved:
        assert len(before) > 6
        assert [comparable(one) for one in after] == [comparable(one) for one in before]


def test_mail_to_administrators_names_no_user_and_nothing_of_the_other_side(seen_by, told):
    mine, other = seen_by
    mails = [f"{one.to} {one.subject} {one.text} {one.html}" for one in told.mails if one.to in mine.mailboxes]
    text = "\n".join(mails)
    assert found_in(text, mine.cases[:2]) == set(mine.cases[:2])
    assert found_in(text, {*other.marks, *mine.personal, *mine.requests, *told.joint, SHARED, "Roosendaal"}) == set()


async def test_no_row_tells_of_both_sides_but_the_requests_that_reached_both(told, storage):
    first, second = told.sides
    both, held = set(), ""
    for account in ("spinstate", "spinkeys"):
        for table, rows in (await storage.all_rows(account)).items():
            for row in rows:
                text = str(row)
                held += text
                if found_in(text, first.marks) and found_in(text, second.marks):
                    both.add((table, row["PartitionKey"]))
    assert found_in(held, {*first.cases, *second.cases}) == {*first.cases, *second.cases}
    assert both == {("Requests", one) for one in told.joint}
    assert found_in(held, {*first.personal, *second.personal, SHARED}) == set()


def test_no_message_tells_of_both_sides_or_of_anybody(told):
    first, second = told.sides
    said = "\n".join(told.bus)
    for one in told.sides:
        assert found_in(said, {*one.requests, *one.cases}), "messages about this side were seen"
        assert found_in(said, {*one.personal, one.tenant.id, one.tenant.name, SHARED}) == set()
    assert [one for one in told.bus if found_in(one, first.marks) and found_in(one, second.marks)] == []


def pairs(other):
    """What is the other side's, and the same question about what does not exist; both are asked of an own path too."""
    case, tenant = other.cases[0], other.tenant.id
    there, nowhere = f"/api/v1/tenants/{tenant}", f"/api/v1/tenants/{NOWHERE}"
    disclose = [{"json": {"objectId": oid, "reason": REASON}} for oid in (other.people[0].oid, NOTHING)]
    yield "GET", (f"{there}/requests", {}), (f"{nowhere}/requests", {})
    yield (
        "GET",
        (f"{there}/requests?limit=1&cursor={NOTHING}", {}),
        (f"{nowhere}/requests?limit=1&cursor={NOTHING}", {}),
    )
    yield "GET", (f"{there}/statistics", {}), (f"{nowhere}/statistics", {})
    yield "PUT", *((f"{at}/self-service", {"json": {"restricted": []}}) for at in (there, nowhere))
    yield "POST", (f"{there}/disclosures", disclose[0]), (f"{nowhere}/disclosures", disclose[0])
    yield "POST", ("{own}/disclosures", disclose[0]), ("{own}/disclosures", disclose[1])
    for method, path, body in (
        ("GET", "", {}),
        ("POST", "/decision", {"json": REFUSED}),
        ("POST", "/decision", {"json": GRANTED}),
        ("POST", "/comments", {"json": {"text": "Who is this?"}}),
    ):
        yield method, (f"{there}/requests/{case}{path}", body), (f"{nowhere}/requests/{NOTHING}{path}", body)
        yield method, (f"{{own}}/requests/{case}{path}", body), (f"{{own}}/requests/{NOTHING}{path}", body)
    for asked in (case, other.requests[0], other.cases[-1]):
        yield "GET", (f"/api/v1/requests/{asked}", {}), (f"/api/v1/requests/{NOTHING}", {})
        yield "DELETE", (f"/api/v1/requests/{asked}", {}), (f"/api/v1/requests/{NOTHING}", {})


async def test_what_is_the_other_sides_answers_like_what_does_not_exist(seen_by, storage):
    mine, other = seen_by
    before = await storage.rows("spinstate", "TenantCases")
    shown = [comparable(await other.visitor.call("GET", f"{other.at}/requests/{case}")) for case in other.cases]
    asked = 0
    for method, *both in pairs(other):
        answers = [await mine.visitor.call(method, path.format(own=mine.at), **body) for path, body in both]
        theirs, none = map(comparable, answers)
        assert theirs == none, (method, both)
        assert theirs[0] == 404, (method, both, theirs)
        assert found_in(whole(answers[0]), other.marks) == set()
        asked += 1
    assert asked == 20
    again = [comparable(await other.visitor.call("GET", f"{other.at}/requests/{case}")) for case in other.cases]
    assert again == shown
    assert await storage.rows("spinstate", "TenantCases") == before


async def test_a_cursor_of_the_other_side_leads_to_ones_own_cases_alone(seen_by):
    mine, other = seen_by
    for cursor in (*other.cases, f"0' or PartitionKey eq '{other.tenant.id}"):
        answer = await mine.visitor.call("GET", f"{mine.at}/requests", params={"cursor": cursor})
        assert answer.status_code == 200, answer.text
        assert {one["id"] for one in answer.json()["cases"]} <= set(mine.cases)


async def test_a_user_sees_what_was_disclosed_of_them_and_their_namesake_does_not(seen_by, visitors):
    mine, other = seen_by
    disclosed = mine.cases[-1]

    async def listed(person):
        answer = await (await visitors.signed_in(person)).call("GET", "/api/v1/requests")
        return {one["id"]: one.get("disclosure") for one in answer.json()["requests"]}

    assert (await listed(mine.people[0]))[disclosed] is True
    theirs = await listed(other.people[0])
    assert other.cases[-1] in theirs
    assert found_in(str(theirs), {*mine.cases, *mine.requests}) == set()
