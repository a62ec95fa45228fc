"""Thirty requests go their way while the host is killed again and again, and once everything is."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest
from brief_locks import app_with_brief_locks
from message_bus import MessageBus
from persistent_person import PersistentPerson
from person import FINAL, Outbox, Package
from storage_accounts import StorageAccounts

from devhost.stack import Stack
from samples import company
from samples.company_map import local_map
from samples.people import PEOPLE
from samples.reviewing import reviewing

pytestmark = pytest.mark.stack

WHO = ("anna", "jan-finance", "guest", "lina", "nobody")
WAYS = ("mail", "token")
ROUNDS = 3
SEED = 20261123
HOST_KILLS = 6
OVER = 15.0  # seconds in which people come
SETTINGS = {
    "REISSUE_AFTER": "PT3S",
    "SWEEP_SCHEDULE": "*/1 * * * * *",
    "RETRY_BASE": "PT0.2S",
    "INTAKE_PER_NETWORK": "100000",
    "INTAKE_PER_CALLER": "100000",
    "CODES_PER_ADDRESS": "1000",
    "CODES_PER_DOMAIN": "1000",
}


@dataclass
class Course:
    """How one request went."""

    short: str
    way: str
    request: dict = field(default_factory=dict)
    packages: list[Package] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def cases(self) -> list[dict]:
        """The request, and the customer's case that was split off it."""
        return [self.request, *self.request["cases"]]


async def goes(stack, outbox, course, key, moment=0.0):
    """One person's way from asking to the package; they signed in long ago."""
    who = PEOPLE[course.short]
    bearer = stack.token(who.tenant, who.oid) if course.way == "token" else None
    async with PersistentPerson(stack.url, outbox, stack.told["ca_file"], bearer) as person:
        await asyncio.sleep(moment)
        began = time.monotonic()
        receipt = await person.ask(who.email if course.way == "mail" else None, words=key, Idempotency_Key=key)
        if course.way == "mail":
            await person.prove(who.email, receipt["id"])
        course.request = await person.ended(receipt["id"])
        for one in course.cases if not has_no_address(course) else []:
            letter = await outbox.newest(who.email, saying=one["export"]["id"])
            course.packages.append(await person.fetch(*letter.link))
        course.seconds = time.monotonic() - began


def has_no_address(course):
    """Nobody knows where to write to somebody whom no record names and who only signed in."""
    return (course.short, course.way) == ("nobody", "token")


async def states(storage):
    """How many requests are in which state, by the storage itself."""
    rows = await storage.rows("spinstate", "Requests")
    return Counter(row["state"] for row in rows if row["RowKey"] == "request")


async def kill_now_and_then(stack, chance):
    """Kill the host again and again, in the middle the whole stack; what was under way each time."""
    told, began = [], time.monotonic()
    for number in range(HOST_KILLS + 1):
        await answering(stack)
        await asyncio.sleep(chance.uniform(0.1, 2.5))
        async with StorageAccounts(stack.told) as storage:
            under_way = {state: count for state, count in (await states(storage)).items() if state not in FINAL}
        everything = number == HOST_KILLS // 2
        told.append((time.monotonic() - began, "stack" if everything else "host", under_way))
        if everything:
            await stack.kill()
            await stack.start()
        else:
            stack.kill_host()
    return told


async def answering(stack):
    """Wait until the app answers."""
    async with PersistentPerson(stack.url, Outbox(stack.outbox), stack.told["ca_file"]) as person:
        assert (await person.call("GET", "/api/health")).status_code == 200


def data_of(package):
    """A package's members that hold what is kept of the person: the same whenever they are collected, but our cases."""
    kept = [name for name in package.zip.namelist() if "data/" in name or "files/" in name]
    return {name: package.zip.read(name) for name in kept if "/privacy-cases" not in name}


@pytest.fixture(scope="module")
async def crashed(tmp_path_factory):
    """Everything after the storm: the stack, how each request went, what was killed, and the same without a storm."""
    folder = tmp_path_factory.mktemp("crashes")
    data_map = folder / "data_map.yaml"
    data_map.write_text(local_map({}, listening=False))
    settings = {"DATA_MAP_FILE": str(data_map)} | SETTINGS
    stack = Stack(folder / "data", app=app_with_brief_locks(folder, "PT10S"), settings=settings)
    chance = random.Random(SEED)
    calm = [Course(short, way) for short in WHO for way in WAYS]
    storm = [Course(short, way) for _ in range(ROUNDS) for short in WHO for way in WAYS]
    async with contextlib.AsyncExitStack() as parts:
        parts.push_async_callback(stack.stop)
        await stack.start()
        await company.load(stack.told)
        await parts.enter_async_context(reviewing(stack))
        outbox = Outbox(stack.outbox)
        async with asyncio.TaskGroup() as crowd:
            for number, one in enumerate(calm):
                crowd.create_task(goes(stack, outbox, one, f"calm-{number}"))
        async with asyncio.TaskGroup() as crowd:
            for number, one in enumerate(storm):
                crowd.create_task(goes(stack, outbox, one, f"storm-{number}", chance.uniform(0, OVER)))
            kills = await kill_now_and_then(stack, chance)
        async with MessageBus(stack.told) as bus, StorageAccounts(stack.told) as storage:
            await bus.calm()
            yield stack, outbox, calm, storm, kills, bus, storage


async def test_killing_really_met_work_under_way(crashed):
    _, _, _, storm, kills, *_ = crashed
    lines = [f"{at:6.1f}s  kill {what:<5}  {dict(under_way)}" for at, what, under_way in kills]
    slowest = max(storm, key=lambda course: course.seconds)
    lines.append(f"{len(storm)} requests ended, {slowest.short} by {slowest.way} last, after {slowest.seconds:.1f}s")
    print("", *lines, sep="\n")  # noqa: T201
    assert [what for _, what, _ in kills].count("stack") == 1
    assert sum(bool(under_way) for _, _, under_way in kills) >= 4
    assert len({state for _, _, under_way in kills for state in under_way}) >= 2


async def test_every_request_ended_well_with_one_package(crashed):
    _, _, calm, storm, _, _, storage = crashed
    assert len({course.request["id"] for course in storm}) == len(storm) == 30
    for course in (*calm, *storm):
        assert [one["status"] for one in course.cases] == ["completed"] * (2 if course.way == "token" else 1)
    every = {one["id"] for course in (*calm, *storm) for one in course.cases}
    packages = await storage.blob_names("spinexports", "")
    assert sorted(name for name in packages if name.startswith("packages/")) == sorted(
        f"packages/{one}/package.zip" for one in every
    )
    requests = [row for row in await storage.rows("spinstate", "Requests") if row["RowKey"] == "request"]
    assert {row["PartitionKey"] for row in requests} == every


async def test_every_package_holds_byte_for_byte_what_it_holds_without_a_crash(crashed):
    _, _, calm, storm, _, _, _ = crashed
    compared = 0
    for quiet, rough in zip(calm * ROUNDS, storm, strict=True):
        if has_no_address(rough):
            continue
        for was, came in zip(quiet.packages, rough.packages, strict=True):
            assert data_of(came) == data_of(was), (rough.short, rough.way)
            compared += len(data_of(came))
    assert compared > 100


async def test_no_mail_is_missing_and_a_repeated_one_carries_the_same_id(crashed):
    _, outbox, _, storm, _, _, _ = crashed
    for course in storm:
        for case in course.cases:
            answers = [one for one in outbox.letters() if case["export"]["id"] in one.text]
            assert len({one.message_id for one in answers}) == (0 if has_no_address(course) else 1), course.short
            assert len({(one.to, one.text, one.html) for one in answers}) <= 1
        codes = [one for one in outbox.letters() if f"{course.request['id']}/verify?" in one.text]
        assert bool(codes) == (course.way == "mail")
        assert len({one.message_id for one in codes}) == len({one.code for one in codes})


async def test_every_history_is_whole_and_nothing_is_left_open(crashed):
    *_, storage = crashed
    rows = await storage.rows("spinstate", "Requests")
    histories = {}
    for row in rows:
        assert not row["RowKey"].startswith("outbox:"), row["RowKey"]
        if row["RowKey"].startswith("event:"):
            histories.setdefault(row["PartitionKey"], []).append((row["RowKey"], row["happening"]))
    for lines in histories.values():
        assert [key for key, _ in sorted(lines)] == [f"event:{number:010}" for number in range(1, len(lines) + 1)]
        happened = Counter(happening for _, happening in lines)
        assert happened["collected"] == happened["assembled"] == 1
        assert happened["planned"] == 1


async def test_the_bus_is_empty_and_nothing_was_given_up(crashed):
    *_, bus, _ = crashed
    assert await bus.waiting() == {}
    assert await bus.dead() == {}


async def test_no_fragment_outlives_its_package(crashed):
    *_, storage = crashed
    end = time.monotonic() + 60
    while left := [name for name in await storage.blob_names("spinexports") if name.startswith("fragments/")]:
        assert time.monotonic() < end, left
        await asyncio.sleep(0.5)
