"""Who was erased is gone from every system, read raw, but for what the law keeps; nobody else's byte has moved."""

import json
from dataclasses import dataclass, replace

import planted
import pytest
from visitors import Visitors

from samples.company import records_of
from samples.people import PEOPLE
from samples.raw import Held, everything
from samples.traces import theirs, touched, values_of

pytestmark = pytest.mark.stack

WHO = ("jan", "bobby", "shaun", "danielle")
KINDS = {"tables", "blobs", "sql", "vendor", "telemetry"}
KEPT_BY_LAW = {"sql/invoices", "tables/agreements", "tables/subscriptions", "blobs/signed-agreements"}
NOTED = "telemetry/erasures"  # that service's own note of what it did


@dataclass
class Erasure:
    """Everything in every system before and after, and how it ended."""

    before: list[Held]
    after: list[Held]
    ended: dict


def erased_values(person) -> set[bytes]:
    """What was planted of somebody and has to go: not what the law keeps, nor what an anonymous record may say."""
    going, staying = set(), set()
    for record in records_of(person):
        dataset = planted.DATASETS[planted.dataset_of(record)]
        action = dataset.get("erasure", {}).get("action", "delete")
        if action == "anonymise":
            kept = {one["name"] for one in dataset["fields"] if one.get("anonymise") == "keep"}
            going.update(values_of(only(record, record.values.keys() - kept)))
            staying.update(values_of(only(record, kept)), {record.key.encode()})
        else:
            (going if action == "delete" else staying).update(values_of(record))
    return {value for value in going if not stands(value, b"\n".join(staying))}


def only(record, names):
    return replace(record, values={name: value for name, value in record.values.items() if name in names})


def where(held) -> set[str]:
    return {"/".join(one.place.split(" (")[0].split("/")[:2]) for one in held}


def stands(value: bytes, text: bytes) -> bool:
    """Whether a value stands in a text, as it is or inside JSON, if need be inside JSON text of its own."""
    forms = [value.decode(errors="replace")]
    for _ in "12":
        forms.append(json.dumps(forms[-1], ensure_ascii=False)[1:-1])
    return value in text or any(form.encode() in text for form in forms)


def text_of(held) -> bytes:
    return b"\n".join(one.data + b"\n" + one.place.encode() for one in held)


@pytest.fixture(scope="module", params=WHO)
async def erasure(request, erasing):
    return await erasing(PEOPLE[request.param])


@pytest.fixture(scope="module")
async def erasing(start_stack):
    """Erase one person after another on one stack, signed in and with their address."""
    async with start_stack(COOLING_OFF="PT0S") as stack, Visitors(stack) as visitors:

        async def erased(person):
            before = await everything(stack.told)
            someone = await visitors.signed_in(person)
            body = {"rights": ["erasure"], "email": person.email}
            receipt = (await someone.call("POST", "/api/v1/requests", json=body)).json()
            letter = await visitors.outbox.newest(person.email, saying=receipt["id"])
            await someone.confirm(receipt["id"], letter.code)
            ended = await someone.ended(receipt["id"])
            return person, Erasure(before, await everything(stack.told), ended)

        yield erased


def test_it_ends_with_a_certificate(erasure):
    _, erased = erasure
    assert erased.ended["status"] == "completed"
    assert erased.ended["certificate"]["status"] == "available"


def test_everything_planted_was_there_and_is_gone(erasure):
    person, erased = erasure
    is_theirs = theirs(person)
    others = text_of(one for one in erased.before if not is_theirs(one))
    alone = {value for value in erased_values(person) if not stands(value, others)}
    before, after = text_of(erased.before), text_of(erased.after)
    assert len(alone) > 10
    assert {value for value in alone if not stands(value, before)} == set()
    assert {value for value in alone if stands(value, after)} == set()


def test_it_was_in_every_kind_of_system_and_stays_where_the_law_keeps_it_to_the_byte(erasure):
    person, erased = erasure
    is_theirs = theirs(person)
    mine = [one for one in erased.before if is_theirs(one)]
    kept = [one for one in mine if where([one]) <= KEPT_BY_LAW]
    assert {place.split("/")[0] for place in where(mine)} >= KINDS - ({"vendor", "sql"} if not kept else set())
    assert [one for one in erased.after if is_theirs(one)] == kept


def test_nobody_elses_byte_has_moved(erasure):
    person, erased = erasure
    assert len(erased.before) > 1000
    assert touched(erased.before, erased.after, theirs(person)) == []


def test_nothing_is_new_but_what_was_made_anonymous_and_a_note(erasure):
    _, erased = erasure
    before = set(erased.before)
    new = [one for one in erased.after if one not in before and not one.place.endswith("(about)")]
    assert where(new) - {"tables/azureusage", "tables/websitevisits"} == {NOTED}
