"""An address is proven by its code, in few tries, once; and whoever merely asked gains nothing by it."""

import pytest
from message_bus import MessageBus
from visitors import Visitors
from waiting import until

from samples.people import PEOPLE

pytestmark = pytest.mark.stack

BRAM = "bram@noordzee.example"
WRONG = "0000-0000"


async def give(person, request_id, code, what=""):
    return await person.call("POST", f"/api/v1/requests/{request_id}/verification{what}", json={"code": code})


async def asked(visitors, address=BRAM):
    """Somebody who asked, the request's id, and the mail that came of it."""
    person = await visitors.anyone()
    request_id = (await person.ask(address))["id"]
    return person, request_id, await visitors.outbox.newest(address, saying=request_id)


async def test_wrong_codes_spend_tries_and_end_this_request_only(visitors):
    _, other_id, other_letter = await asked(visitors)
    person, request_id, letter = await asked(visitors)
    answers = [await give(person, request_id, WRONG) for _ in range(5)]
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(403, "code_rejected")}
    assert [one.json()["triesLeft"] for one in answers] == [4, 3, 2, 1, 0]
    spent = await give(person, request_id, letter.code)
    assert (spent.status_code, spent.json()["code"]) in {(410, "tries_spent"), (410, "ended")}
    told = await visitors.outbox.newest(BRAM, of=2, saying=request_id)
    assert told.subject == "We could not answer your request yet"
    other = await visitors.anyone()
    await other.confirm(other_id, other_letter.code)
    assert (await other.ended(other_id))["status"] == "completed"


async def test_a_resent_code_voids_the_one_before_and_opens_an_ended_request_again(visitors):
    person, request_id, letter = await asked(visitors)
    for _ in range(5):
        await give(person, request_id, WRONG)
    await visitors.outbox.newest(BRAM, of=2, saying=request_id)  # two mails under way at once may overtake each other
    again = await person.call("POST", f"/api/v1/requests/{request_id}/verification/resend")
    assert (again.status_code, again.json()["status"]) == (202, "identity_pending")
    fresh = await visitors.outbox.newest(BRAM, of=3, saying=request_id)
    assert fresh.code != letter.code
    void = await give(person, request_id, letter.code)
    assert (void.status_code, void.json()["code"], void.json()["triesLeft"]) == (403, "code_rejected", 4)
    await person.confirm(request_id, fresh.code)
    assert (await person.ended(request_id))["status"] == "completed"


async def test_a_code_works_once(visitors):
    person, request_id, letter = await asked(visitors)
    await person.confirm(request_id, letter.code)
    second = await give(await visitors.anyone(), request_id, letter.code)
    assert (second.status_code, second.json()["code"]) == (410, "code_used")
    assert "accessToken" not in second.text
    assert (await person.ended(request_id))["status"] == "completed"


async def test_who_asks_in_anothers_name_gains_nothing_when_that_one_confirms(visitors):
    opener, request_id, letter = await asked(visitors)
    path = f"/api/v1/requests/{request_id}"
    assert (await opener.call("GET", path)).status_code == 401
    holder = await visitors.anyone()
    await holder.confirm(request_id, letter.code)
    export = (await holder.ended(request_id))["export"]["id"]
    link = (await visitors.outbox.newest(BRAM, saying=export)).link
    assert (await opener.call("GET", path)).status_code == 401
    assert (await opener.call("GET", "/api/v1/requests")).status_code == 401
    assert (await opener.open(*link)).json()["code"] == "proof_needed"
    own, own_id = await visitors.proven("opener@elsewhere.example")
    for stranger in (own, await visitors.signed_in(PEOPLE["bram"]), await visitors.signed_in(PEOPLE["anna"])):
        theirs = await stranger.call("GET", path)
        assert (theirs.status_code, theirs.json()["code"]) == (404, "not_found")
        assert (await stranger.open(*link)).json()["code"] == "proof_needed"
        assert (await stranger.call("DELETE", f"/api/v1/exports/{export}")).status_code == 404
        assert (await stranger.call("POST", f"{path}/link")).status_code == 404
    assert own_id in str((await own.call("GET", "/api/v1/requests")).json())
    forged = await visitors.anyone(f"{holder.bearer[:-4]}AAAA")
    assert (await forged.call("GET", path)).status_code == 401
    assert (await holder.open(*link)).status_code == 303


async def test_the_holder_of_an_address_can_say_that_it_was_not_them(visitors):
    opener, request_id, letter = await asked(visitors)
    assert (await give(opener, request_id, WRONG, "/disown")).status_code == 403
    assert (await give(await visitors.anyone(), request_id, letter.code, "/disown")).status_code == 204
    late = await give(opener, request_id, letter.code)
    assert (late.status_code, late.json()["code"]) == (410, "ended")
    again = await opener.call("POST", f"/api/v1/requests/{request_id}/verification/resend")
    assert (again.status_code, again.json()["code"]) == (409, "not_while_withdrawn")
    olga = await visitors.signed_in(PEOPLE["olga"], "Privacy.Operator")
    seen = (await olga.call("GET", f"/api/v1/ops/requests/{request_id}")).json()
    assert (seen["status"], seen["reason"], seen["tasks"]) == ("withdrawn", "disowned", [])


async def test_known_and_unknown_addresses_get_the_same_answers_and_both_get_a_mail(visitors):
    seen = []
    for address in (BRAM, "never.seen@elsewhere.example"):
        person = await visitors.anyone()
        body = {"rights": ["access"], "email": address, "language": "en"}
        answer = await person.call("POST", "/api/v1/requests", json=body)
        request_id = answer.json()["id"]
        letter = await visitors.outbox.newest(address, saying=request_id)
        wrong = await give(person, request_id, WRONG)
        right = await give(person, request_id, letter.code)
        shape = [(one.status_code, sorted(one.headers), sorted(one.json())) for one in (answer, wrong, right)]
        seen.append((shape, letter.subject, len(letter.text) - len(address) * letter.text.count(address)))
    assert seen[0] == seen[1]


async def test_what_is_no_request_gives_nothing_away(visitors):
    person = await visitors.anyone()
    none = "00000000-0000-4000-8000-000000000000"
    for what in ("", "/disown"):
        assert (await give(person, none, WRONG, what)).status_code == 404
    assert (await person.call("POST", f"/api/v1/requests/{none}/verification/resend")).status_code == 404
    assert (await person.call("GET", f"/api/v1/requests/{none}")).status_code == 401


async def test_over_the_budget_for_codes_requests_are_received_and_statutory_mail_still_goes(strained):
    address = "often.asked@elsewhere.example"
    async with Visitors(strained) as visitors, MessageBus(strained.told) as bus:
        person = await visitors.anyone()
        receipts = [await person.ask(address) for _ in range(6)]
        assert all(one["dueAt"] and one["status"] == "identity_pending" for one in receipts)

        async def put_off():
            return (await bus.waiting()).get("verification")

        assert await until(put_off, 3)
        coded = [letter for letter in visitors.outbox.letters(address) if letter.subject == "Your code for Spinpanel"]
        assert len(coded) == 3
        confirmed, spent, _ = [one["id"] for letter in coded for one in receipts if one["id"] in letter.text]
        await person.confirm(confirmed, coded[0].code)
        for _ in range(5):
            await give(person, spent, WRONG)
        assert (await visitors.outbox.newest(address, saying="could not answer it")).subject.startswith("We could not")
        assert (await visitors.outbox.newest(address, saying="/api/v1/exports/")).subject.startswith(
            "Your personal data"
        )
        assert len([one for one in visitors.outbox.letters(address) if one.subject == coded[0].subject]) == 3
