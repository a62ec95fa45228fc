"""One service's erasure: counted before, asked right before, looked at again, and shown by a receipt."""

import asyncio
from datetime import timedelta

import pytest
from asking import now
from builders import MIRA, TOM, put, put_file
from erasing_world import (
    OPERATOR,
    Failing,
    Held,
    Vendor,
    Wrapped,
    certificate,
    close,
    closing,
    erased,
    erasing_world,
    lines,
    of,
    pass_time,
    planned,
    receipts,
    rows,
    run_on,
    started,
    swept,
)

from shared.domain.errors import Permanent, StaleState, Transient
from shared.domain.service_task import TaskState, Work
from shared.domain.states import State
from shared.ports.connector import Erased

MANY = 95


def with_many_rows(**overrides):
    """Mira has many tickets and calls, and they are worked through ten at a time."""
    world = erasing_world(**overrides)
    put(world.store, "tickets", *({"from": MIRA.email, "subject": f"number {n}"} for n in range(MANY)))
    for n in range(25):
        put_file(world.store, "calls", {"by": MIRA.email}, f"call {n}", bytes([n]) * 100, "audio/wav")
    world.store.page_size = 10
    return world


def worn(world, connector):
    """Put a connector in the memory store's place."""
    world.connectors = {"memory": connector}
    return connector


async def task_of(world, request_id, key):
    _, task = await world.requests.read_task(request_id, key)
    return task.row


async def support_alone(world, request_id):
    """Deliver the first wave, and return the command of the second, support's, undelivered."""
    for command in world.bus.deliver():
        await world.deliver(command)
    (command,) = world.bus.deliver()
    assert command.task == "erase1-1.0.support"
    return command


# ── Counted, asked, looked at again ──────────────────────────────────────────────────────────────────────────────────


async def test_an_erasure_cut_into_steps_ends_as_one_done_at_once():
    whole, cut = with_many_rows(), with_many_rows(step_for=timedelta(0))
    in_one, in_steps = await erased(whole), await erased(cut)
    assert in_steps.state is in_one.state is State.COMPLETED
    assert rows(cut) == rows(whole)
    assert await receipts(cut, in_steps.id) == await receipts(whole, in_one.id)
    assert (await receipts(cut, in_steps.id))["tickets"] == MANY + 1
    assert (await receipts(cut, in_steps.id))["calls"] == 26
    assert (await task_of(cut, in_steps.id, "erase1-1.0.support")).chunk >= 20
    assert (await task_of(whole, in_one.id, "erase1-1.0.support")).chunk == 2


async def test_what_is_there_is_on_record_before_the_first_deletion():
    world = erasing_world()
    request_id = await started(world)
    erase, seen = world.store.erase, {}

    async def looked_at(service, dataset, identifiers, erasure, position=None):
        task = next(
            task.row
            for task in (await world.requests.load(request_id)).tasks.values()
            if task.row.work is Work.ERASE and task.row.service == service.id
        )
        seen[dataset.id] = (task.found[dataset.id].count, len(of(MIRA, rows(world)).get(dataset.id, [])))
        async for step in erase(service, dataset, identifiers, erasure, position):
            yield step

    world.store.erase = looked_at
    await world.drain()
    assert seen == {name: (count, count) for name, count in (await receipts(world, request_id)).items()}
    assert seen["letters"] == (2, 2)


async def test_where_nothing_was_found_nobody_is_asked_to_erase():
    world = erasing_world()
    erase, asked = world.store.erase, []

    async def noted(service, dataset, identifiers, erasure, position=None):
        asked.append(dataset.id)
        async for step in erase(service, dataset, identifiers, erasure, position):
            yield step

    world.store.erase = noted
    world.store.drawers["memory", "letters"].rows[:] = [{"to": TOM.email, "sentTo": []}]
    request = await erased(world)
    assert (await receipts(world, request.id))["letters"] == 0
    assert sorted(asked) == ["activity", "calls", "signups", "tickets", "users"]


async def test_whoever_dies_amid_a_dataset_still_accounts_for_all_of_it():
    world = with_many_rows()
    request_id = await started(world)
    command = await support_alone(world, request_id)
    erase = world.store.erase

    async def dies_after_three_pages(service, dataset, identifiers, erasure, position=None):
        pages = 0
        async for step in erase(service, dataset, identifiers, erasure, position):
            yield step
            pages += 1
            if pages == 3:
                raise Transient("connection_lost")

    world.store.erase = dies_after_three_pages
    await world.deliver(command)
    assert len(of(MIRA, rows(world))["tickets"]) == MANY + 1 - 30
    world.store.erase = erase
    pass_time(world, timedelta(minutes=10))
    await world.drain()
    assert (await now(world, request_id)).state is State.COMPLETED
    assert (await receipts(world, request_id))["tickets"] == MANY + 1


async def test_records_that_are_still_there_at_the_second_look_are_erased_again_and_never_certified_unseen():
    world = erasing_world()
    request_id = await started(world)
    erase, lied = world.store.erase, []

    async def says_so(service, dataset, identifiers, erasure, position=None):
        if dataset.id == "tickets" and len(lied) < 2:
            lied.append(dataset.id)
            yield Erased(count=1)
            return
        async for step in erase(service, dataset, identifiers, erasure, position):
            yield step

    world.store.erase = says_so
    await world.drain()
    assert (await now(world, request_id)).state is State.ERASING
    request = await swept(world, request_id, State.COMPLETED, every=0.1)
    assert len(lied) == 2
    assert "tickets" not in of(MIRA, rows(world))
    assert (await receipts(world, request.id))["tickets"] == 1


async def test_a_service_that_only_says_it_erased_is_never_certified():
    world = erasing_world(task_attempts=3, manual_margin=timedelta(hours=1))

    class Liar(Wrapped):
        async def erase(self, service, dataset, identifiers, erasure, position=None):
            yield Erased(count=1)

    worn(world, Liar(world.store))
    request_id = await started(world)
    request = await swept(world, request_id, State.PARTIALLY_COMPLETED, every=24)
    assert {one.outcome for name, one in (await lines(world, request)).items() if name != "invoices"} == {"not_erased"}
    assert await receipts(world, request_id) == {}


async def test_items_that_cannot_be_read_leave_the_dataset_unproven_and_to_a_person():
    world = erasing_world()
    request_id = await started(world)
    erase = world.store.erase

    async def unreadable(service, dataset, identifiers, erasure, position=None):
        async for step in erase(service, dataset, identifiers, erasure, position):
            yield Erased(count=step.count, position=step.position, unreadable=dataset.id == "letters")

    world.store.erase = unreadable
    await world.drain()
    task = await task_of(world, request_id, "erase1-0.0.mailing")
    assert (task.state, task.reason, task.receipts) == (TaskState.MANUAL, "unreadable_items", ())


async def test_nothing_is_deleted_by_a_step_whose_request_is_no_longer_in_its_stage():
    world = erasing_world()
    request_id = await started(world)
    command = next(one for one in world.bus.deliver() if one.key == "run_service_task:erase1-0.0.usage:0")
    before = rows(world)
    count = world.store.count

    async def halted_meanwhile(service, dataset, identifiers, position=None):
        async for step in count(service, dataset, identifiers, position):
            yield step
        if dataset.id == "activity":
            await world.halt_erasure(request_id, "count", "letters")

    world.store.count = halted_meanwhile
    await world.deliver(command)
    assert (await now(world, request_id)).state is State.HALTED
    assert rows(world) == before


async def test_whether_it_may_proceed_is_asked_before_every_page():
    world = with_many_rows(holds=(holds := Held()))
    request_id = await started(world)
    command = await support_alone(world, request_id)
    before = holds.asked
    await world.deliver(command)
    assert (await receipts(world, request_id))["tickets"] == MANY + 1
    assert holds.asked - before >= 10 + 3


async def test_two_workers_on_one_step_erase_and_count_once():
    world = with_many_rows()
    request_id = await started(world)
    command = await support_alone(world, request_id)
    await asyncio.gather(*(world.deliver(command) for _ in range(3)), return_exceptions=True)
    pass_time(world, timedelta(minutes=10))
    await world.drain()
    request = await swept(world, request_id, State.COMPLETED, every=0.1)
    assert (await receipts(world, request.id))["tickets"] == MANY + 1
    assert (await receipts(world, request.id))["calls"] == 26
    assert of(MIRA, rows(world)).keys() == {"invoices"}


async def test_a_late_command_of_a_step_that_was_done_deletes_nothing():
    world = with_many_rows(step_for=timedelta(0))
    request_id = await started(world)
    first = await support_alone(world, request_id)
    await world.deliver(first)
    await world.drain()
    assert (await now(world, request_id)).state is State.COMPLETED
    put(world.store, "tickets", {"from": MIRA.email, "subject": "written after the erasure"})
    await world.deliver(first)
    await world.drain()
    assert len(of(MIRA, rows(world))["tickets"]) == 1


# ── Failure ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_service_that_is_down_for_a_while_is_tried_again():
    world = erasing_world()
    failing = worn(world, Failing(world.store, "activity", Transient("throttled"), times=4))
    request_id = await started(world)
    request = await swept(world, request_id, State.COMPLETED, every=0.05)
    assert failing.left == 0
    assert await receipts(world, request.id) == {
        "users": 1,
        "signups": 1,
        "activity": 1,
        "tickets": 1,
        "calls": 1,
        "letters": 2,
    }


async def failed_for_good(world, dataset="activity"):
    """An erasure that waits for an operator, because one service refused."""
    worn(world, Failing(world.store, dataset, Permanent("access_denied")))
    request_id = await started(world)
    await world.drain()
    return request_id


async def test_a_service_that_fails_for_good_waits_for_an_operator_and_no_watchdog_ends_that_early():
    world = erasing_world()
    request_id = await failed_for_good(world)
    task = await task_of(world, request_id, "erase1-0.0.usage")
    assert (task.state, task.reason) == (TaskState.MANUAL, "access_denied")
    assert task.due_at == (await now(world, request_id)).due_at - world.settings.manual_margin
    for _ in range(20):
        await world.sweep(days=1)
        await world.drain()
    assert (await now(world, request_id)).state is State.ERASING
    assert of(MIRA, rows(world)).keys() >= {"activity", "tickets", "users"}


async def test_what_an_operator_closes_with_evidence_is_certified_as_that():
    world = erasing_world()
    request_id = await failed_for_good(world)
    world.store.drawers["memory", "activity"].rows[:] = []
    await close(world, request_id, "erase1-0.0.usage", closing(activity=3))
    await world.drain()
    request = await now(world, request_id)
    assert request.state is State.COMPLETED
    told = (await lines(world, request))["activity"]
    assert (told.outcome, told.count, told.verified) == ("erased", 3, "operator_evidence")
    assert (await certificate(world, request))["outcome"] == "complete"
    task = await task_of(world, request_id, "erase1-0.0.usage")
    assert task.closed_by == OPERATOR.principal.object_id
    assert b"ticket OPS-17" not in task.evidence


async def test_what_nobody_closes_in_time_makes_the_certificate_partial_and_is_in_time_itself():
    world = erasing_world()
    request_id = await failed_for_good(world)
    request = await swept(world, request_id, State.PARTIALLY_COMPLETED, every=12)
    told = await lines(world, request)
    assert (told["activity"].outcome, told["activity"].reason, told["activity"].count) == (
        "not_erased",
        "access_denied",
        1,
    )
    assert told["tickets"].outcome == "anonymised"
    assert (await certificate(world, request))["outcome"] == "partial"
    assert world.clock() <= request.due_at
    assert "Usage" in world.mailer.sent[-1].text
    assert world.egress.sent == []


async def test_what_an_operator_found_undone_makes_the_certificate_partial():
    world = erasing_world()
    request_id = await failed_for_good(world)
    await close(world, request_id, "erase1-0.0.usage", closing("not_erased"))
    await world.drain()
    request = await now(world, request_id)
    assert request.state is State.PARTIALLY_COMPLETED
    assert (await lines(world, request))["activity"].reason == "access_denied"


async def test_a_service_that_stays_down_is_given_up_after_its_attempts_and_left_to_an_operator():
    world = erasing_world(task_attempts=3)
    worn(world, Failing(world.store, "activity", Transient("throttled")))
    request_id = await started(world)
    for _ in range(5):
        await world.drain()
        pass_time(world, timedelta(minutes=3))
    task = await task_of(world, request_id, "erase1-0.0.usage")
    assert (task.state, task.reason) == (TaskState.MANUAL, "throttled")


async def test_a_service_past_its_time_limit_is_left_to_an_operator_by_the_sweep():
    world = erasing_world()
    request_id = await started(world)
    world.bus.waiting.clear()
    await world.sweep(hours=1)
    task = await task_of(world, request_id, "erase1-0.0.usage")
    assert (task.state, task.reason) == (TaskState.MANUAL, "time_limit")
    assert task.due_at > world.clock() + timedelta(days=7)


async def test_a_failure_amid_a_service_keeps_the_receipts_of_what_it_had_done():
    world = erasing_world()
    request_id = await failed_for_good(world, dataset="calls")
    task = await task_of(world, request_id, "erase1-1.0.support")
    assert (task.state, task.found["calls"].count) == (TaskState.MANUAL, 1)
    assert "tickets" not in of(MIRA, rows(world))
    await close(world, request_id, "erase1-1.0.support", closing("not_erased"))
    await world.drain()
    request = await now(world, request_id)
    told = await lines(world, request)
    assert (told["tickets"].outcome, told["calls"].outcome) == ("anonymised", "not_erased")


# ── A system that answers later ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_vendor_that_takes_its_time_is_waited_for_and_asked_again():
    world = erasing_world()
    vendor = worn(world, Vendor(world.store, "letters", asks=3))
    request_id = await started(world)
    await world.drain()
    task = await task_of(world, request_id, "erase1-0.0.mailing")
    assert (task.state, task.look_at) == (TaskState.WAITING, world.clock() + timedelta(minutes=10))
    request = await swept(world, request_id, State.COMPLETED, every=0.1)
    assert vendor.tickets == [f"{request_id}.erase1-0.0.mailing"] * 4
    assert (await receipts(world, request.id))["letters"] == 2
    assert (await lines(world, request))["letters"].verified == "looked_again"


async def test_a_vendor_is_not_asked_before_its_time_however_often_anybody_looks():
    world = erasing_world()
    vendor = worn(world, Vendor(world.store, "letters", asks=1))
    await started(world)
    await world.drain()
    assert len(vendor.tickets) == 1
    for _ in range(3):
        await world.sweep(minutes=3)
        await world.drain()
    assert len(vendor.tickets) == 1
    await world.sweep(minutes=3)
    await world.drain()
    assert len(vendor.tickets) == 2


async def test_a_wait_for_a_vendor_is_ended_by_its_time_limit_and_by_nothing_before():
    world = erasing_world()
    worn(world, Vendor(world.store, "letters", asks=1000))
    request_id = await started(world)
    begun = world.clock()
    await world.drain()
    while world.clock() < begun + timedelta(minutes=55):
        await world.sweep(minutes=5)
        await world.drain()
        assert (await task_of(world, request_id, "erase1-0.0.mailing")).state is TaskState.WAITING
    await world.sweep(minutes=10)
    await world.drain()
    task = await task_of(world, request_id, "erase1-0.0.mailing")
    assert (task.state, task.reason) == (TaskState.MANUAL, "time_limit")


async def test_what_cannot_be_looked_at_is_certified_as_the_vendors_word():
    world = erasing_world()
    worn(world, Vendor(world.store, "letters", asks=1, blind=True))
    request_id = await planned(world)
    plan = (await world.requests.load(request_id)).plan
    assert {one.dataset: one.count for one in plan.decisions}["letters"] == 2  # who received them is read, so counted
    request = await run_on(world, request_id)
    request = await swept(world, request.id, State.COMPLETED, every=0.1)
    told = (await lines(world, request))["letters"]
    assert (told.outcome, told.count, told.verified) == ("erased", 2, "vendor_statement")


async def test_other_services_of_the_wave_go_on_while_a_vendor_is_waited_for():
    world = erasing_world()
    worn(world, Vendor(world.store, "letters", asks=2))
    request_id = await started(world)
    await world.drain()
    assert "activity" not in of(MIRA, rows(world))
    assert "tickets" in of(MIRA, rows(world))
    assert (await now(world, request_id)).stage == "erase1-0"
    assert of(TOM, rows(world)).keys() >= {"activity", "letters"}


async def test_a_task_that_was_halted_says_so_to_whoever_still_runs_it():
    world = erasing_world()
    request_id = await started(world)
    read, task = await world.requests.read_task(request_id, "erase1-0.0.usage")
    await world.halt_erasure(request_id, "count", "letters")
    with pytest.raises(StaleState):
        await world.erasing.step(read.row, task)
    assert "activity" in of(MIRA, rows(world))
