"""People ask for a copy and three erasures at once, and take one back: some order explains every end."""

import asyncio
import random
from dataclasses import dataclass

import pytest
from erasure_verdict import all_is_quiet, broken_at, certificate_of, course_of
from person import Package
from storage_accounts import StorageAccounts
from unsteady_company import VENDOR, Held, unsteady_company

from samples.synthetic import Subject
from shared.domain.states import ANSWERED, Happening, State

pytestmark = pytest.mark.stack

SEED = 20261124
PEOPLE = 5
DATASETS = ["synthetic-1-held", "synthetic-2-held", "synthetic-3-held", VENDOR]  # everything, one by one
LATEST = 5.0  # seconds, in which an erasure is withdrawn; with the time to think it is about as long as one takes


@dataclass
class Asked:
    """What one person asked at once; the twins ask the very same, the first says it in other words."""

    who: Subject
    copy: str
    first: str
    twins: tuple[str, str]

    @property
    def ids(self):
        return (self.copy, self.first, *self.twins)


@dataclass
class Afterwards:
    """Everything once all requests have ended; the courses and what certificates say are those of request ids."""

    asked: list[Asked]
    before: Held
    after: Held
    courses: dict
    counts: dict
    copies: dict


@pytest.fixture(scope="module")
async def afterwards(tmp_path_factory):
    async with unsteady_company(tmp_path_factory.mktemp("at-once"), COOLING_OFF="PT2S") as company:
        chance = random.Random(SEED)
        people = await company.people(PEOPLE)
        before = await company.held()
        moments = [0.0, chance.uniform(0, LATEST), chance.uniform(0, LATEST), None, None]
        asked = await asyncio.gather(
            *(asks_at_once(company, who, moment) for who, moment in zip(people, moments, strict=True))
        )
        await all_is_quiet(company)
        courses, counts, copies = {}, {}, {}
        async with StorageAccounts(company.stack.told) as storage:
            for one in asked:
                courses |= {request_id: await course_of(storage, request_id) for request_id in one.ids}
                for request_id in (one.first, *one.twins):
                    counts[request_id] = await certified(company, storage, courses[request_id])
                copies[one.copy] = Package(await storage.read("spinexports", "packages", f"{one.copy}/package.zip"))
        yield Afterwards(asked, before, await company.held(), courses, counts, copies)


async def asks_at_once(company, who, moment):
    """Ask for all, withdraw the first erasure a moment later, or with None too late, and wait for the ends."""
    copy, first, *twins = await asyncio.gather(
        company.asked(who, "access"),
        company.asked(who, erasure={"datasets": DATASETS}),
        company.asked(who),
        company.asked(who),
    )
    await (company.ended(who, first) if moment is None else asyncio.sleep(moment))
    async with company.visit(who) as person:
        answer = await person.call("DELETE", f"/api/v1/requests/{first}")
        assert answer.status_code in {200, 409}, answer.text
    for request_id in (copy, first, *twins):
        await company.ended(who, request_id)
    return Asked(who, copy, first, tuple(twins))


async def certified(company, storage, course):
    """How much the certificate says was erased of each dataset; nothing where there is none."""
    if course.request.state not in ANSWERED:
        assert course.request.certificate is None
        return {}
    proven = await certificate_of(company, storage, course)
    lines = [one for one in proven["lines"].values() if "dataset" in one]
    assert {one["outcome"] for one in lines} <= {"erased", "nothing_found"}
    return {one["dataset"]: one.get("count", 0) for one in lines}


def test_all_but_what_was_withdrawn_in_time_is_answered(afterwards):
    for one in afterwards.asked:
        copy, first, *twins = (afterwards.courses[request_id].request.state for request_id in one.ids)
        assert copy is State.COMPLETED
        assert first in {State.COMPLETED, State.WITHDRAWN}
        assert set(twins) == {State.COMPLETED, State.JOINED}


def test_of_two_who_ask_the_same_one_is_joined_to_the_other(afterwards):
    for one in afterwards.asked:
        twins = {request.state: request for request in (afterwards.courses[twin].request for twin in one.twins)}
        assert twins[State.JOINED].joined_to == twins[State.COMPLETED].id


def test_some_withdrew_in_time_and_some_too_late(afterwards):
    firsts = {afterwards.courses[one.first].request.state for one in afterwards.asked}
    assert firsts == {State.COMPLETED, State.WITHDRAWN}


def test_every_record_was_erased_by_one_of_the_erasures_alone(afterwards):
    for one in afterwards.asked:
        planted = afterwards.before.of(one.who)
        assert all(planted.values())
        shares = [afterwards.counts[request_id] for request_id in (one.first, *one.twins)]
        for name, count in planted.items():
            assert sorted(share.get(name, 0) for share in shares) == [0, 0, count], name


def test_the_copy_holds_everything_for_no_erasure_began_before_it(afterwards):
    for one in afterwards.asked:
        planted, copy = afterwards.before.of(one.who), afterwards.copies[one.copy]
        assert {name: len(copy.records(name)) for name in planted} == planted


def test_only_these_people_are_gone(afterwards):
    assert afterwards.after == afterwards.before.without([one.who for one in afterwards.asked])


def test_every_erasure_that_was_done_is_certified_once_and_every_history_is_whole(afterwards):
    for one in afterwards.asked:
        for request_id in one.ids:
            course = afterwards.courses[request_id]
            done = request_id != one.copy and course.request.state in ANSWERED
            assert course.times(Happening.CERTIFIED) == int(done)
            assert broken_at(course.history) is None


def test_no_two_erasures_of_one_person_were_at_work_at_the_same_time(afterwards):
    compared = 0
    for one in afterwards.asked:
        begun = [span_of(afterwards.courses[request_id]) for request_id in (one.first, *one.twins)]
        spans = sorted(span for span in begun if span is not None)
        if len(spans) < 2:
            continue
        earlier, later = spans
        assert earlier[1] <= later[0]
        compared += 1
    assert compared


def span_of(course):
    """When an erasure began to erase and when it was certified; None where it never began."""
    at = {line.happening: line.at for line in course.history}
    if Happening.ERASURE_STARTED not in at:
        return None
    return at[Happening.ERASURE_STARTED], at[Happening.CERTIFIED]
