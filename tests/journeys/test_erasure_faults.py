"""One fault of each kind on the real stack, amid erasures: all end with one certificate and with counts that hold."""

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from erasure_verdict import course_of, nothing_is_wrong
from every_entity import Entity
from storage_accounts import StorageAccounts
from unsteady_company import unsteady_company

pytestmark = pytest.mark.stack

LANES = [Entity("service-tasks", name) for name in ("stores", "newsletter-vendor", "recipients")]
ENTITIES = [Entity("planning"), Entity("advancing"), *LANES]
TWO_TRANSACTIONS = 105  # rows; a hundred go in one


@dataclass
class Storm:
    """What goes wrong, and how often it met an erasure."""

    people: list
    erasing: asyncio.Task | None = None
    met: int = 0


@pytest.fixture(scope="module")
async def company(tmp_path_factory):
    async with unsteady_company(tmp_path_factory.mktemp("unsteady")) as running:
        yield running


@pytest.fixture
def erasures(company, tabled):
    """Erase people while the context does harm; then hold that each was met and that nothing is wrong."""

    @asynccontextmanager
    async def under_way(fault, people=1, records=6):
        began = time.monotonic()
        storm = Storm(await company.people(people, records))
        before = await company.held()
        async with asyncio.TaskGroup() as group:
            storm.erasing = group.create_task(company.erased(storm.people))
            yield storm
        company.store.pause = 0.0
        await nothing_is_wrong(company, storm.people, storm.erasing.result(), before)
        assert storm.met, "nothing went wrong"
        tabled(
            "erasures under faults, local stack",
            f"{'fault':<44}{'met':>6}{'erasures':>10}{'seconds':>9}",
            f"{fault:<44}{storm.met:>6}{people:>10}{time.monotonic() - began:>9.1f}",
        )

    return under_way


async def within_a_minute(event):
    async with asyncio.timeout(60):
        await event.wait()


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_the_host_may_die_amid_a_deletion(company, erasures, moment):
    async with (
        erasures(f"host killed {moment} a deletion was done", records=TWO_TRANSACTIONS) as storm,
        company.store.holding(moment, "dropped") as held,
    ):
        await within_a_minute(held)
        company.stack.kill_host()
        storm.met += 1
        await company.answering()


async def test_the_whole_stack_may_die_amid_a_deletion(company, erasures):
    async with (
        erasures("stack killed after a deletion was done", records=TWO_TRANSACTIONS) as storm,
        company.store.holding("after", "dropped") as held,
    ):
        await within_a_minute(held)
        await company.stack.kill()
        storm.met += 1
        await company.stack.start()


async def test_a_lock_may_expire_amid_a_deletion(company, erasures):
    async with (
        erasures("lock expired amid a deletion", records=TWO_TRANSACTIONS) as storm,
        company.store.holding("before", "done") as held,
    ):
        await within_a_minute(held)
        with company.frozen_host():
            await company.bus().a_lock_expires()
            storm.met += 1
        await company.store.called_again()  # the second delivery is at work beside the first


async def test_every_message_may_come_twice_and_once_more_after_the_end(company, erasures):
    company.store.pause = 0.2
    copied = {}
    bus = company.bus()
    async with StorageAccounts(company.stack.told) as storage:
        async with erasures("every message sent twice, and after the end", people=3) as storm:
            await company.at_vendor("callback", "twice", 10)
            while not storm.erasing.done():
                fresh = {str(one.said): one for one in await bus.seen() if str(one.said) not in copied}
                copied |= fresh
                storm.met += len(fresh)
                await bus.send(fresh.values())
        # A nudge may be taken before anybody sees it; a service's task waits for the slowed store.
        assert "run_service_task" in {one.said["kind"] for one in copied.values()}
        before = [await course_of(storage, one) for one in storm.erasing.result()]
        await bus.send(copied.values())
        await bus.calm()
        assert [await course_of(storage, one) for one in storm.erasing.result()] == before
        assert await bus.dead() == []


async def test_messages_may_come_late_and_in_reverse(company, erasures):
    bus = company.bus()
    async with (
        bus.thieves(2, *ENTITIES) as taken,
        erasures("messages late and in reverse", people=4) as storm,
    ):
        held = await taken()
        storm.met = len(held)
        assert len({one.said["kind"] for one in held}) == 3
        await bus.send(sorted(held, key=lambda one: one.message.enqueued_time_utc, reverse=True))


async def test_messages_may_be_lost_at_every_stage(company, erasures):
    async with (
        company.bus().thieves(2, *ENTITIES) as taken,
        erasures("messages lost", people=4) as storm,
    ):
        storm.met = len(await taken())


@pytest.mark.parametrize(
    ("what", "kind", "times", "deletions"),
    [
        ("store throttled with 429", "429", 5, True),
        ("store throttled with 503", "503", 5, False),
        ("answers to deletions lost", "lost", 5, True),
    ],
)
async def test_a_store_may_fail_for_a_while(company, erasures, what, kind, times, deletions):
    company.store.met.clear()
    company.store.spoil(kind, times, deletions=deletions)
    async with erasures(what, records=TWO_TRANSACTIONS) as storm:
        await company.store.struck(kind, times)
        storm.met = times


async def test_a_service_outside_may_fail_for_a_while(company, erasures):
    for path in ("count", "erasure"):
        await company.at_vendor(path, "broken", 2)
    async with erasures("service outside failing") as storm:
        storm.met = 4


async def test_a_store_may_be_slower_than_a_step_is_long(company, erasures):
    company.store.pause = 1.1
    async with erasures("store slower than a step") as storm:
        storm.met = 1
