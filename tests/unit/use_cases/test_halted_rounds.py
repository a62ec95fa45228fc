"""An erasure that meets what its plan did not show: it stops for a person, and goes on when there is another plan."""

from datetime import timedelta

import pytest
from asking import happenings, now
from builders import MIRA, NAMESAKE, TOM, data_map, put
from erasing_world import (
    OPERATOR,
    Held,
    certificate,
    erased,
    erasing_world,
    erasure_services,
    lines,
    of,
    pass_time,
    planned,
    receipts,
    requested,
    rows,
    run_on,
    started,
    swept,
)

from shared.domain.errors import Conflict
from shared.domain.service_task import TaskState
from shared.domain.states import Happening, State

FOUND = {"users": 1, "signups": 1, "activity": 1, "tickets": 1, "calls": 1, "letters": 2}
OTHERS = (TOM, NAMESAKE)


async def approved(world, request_id):
    """Let an operator approve whatever the plan is, and deliver everything."""
    plan = (await world.requests.load(request_id)).plan
    await world.oversee_erasures.approve(OPERATOR, request_id, plan.hash)
    await world.drain()
    return await now(world, request_id)


async def planned_anew(world, request_id):
    await world.oversee_erasures.plan_anew(OPERATOR, request_id)
    await world.drain()
    return await now(world, request_id)


def changed_map(dataset_id: str):
    """The map of this company after somebody worked on one dataset."""
    services = erasure_services()
    for one in services:
        for dataset in one["datasets"]:
            if dataset["id"] == dataset_id:
                dataset["purposes"] = [{"id": "new", "en": "Something new", "nl": "Iets nieuws"}]
    return data_map(services)


async def test_a_dataset_whose_definition_changed_since_the_plan_halts_the_erasure_before_it_begins():
    world = erasing_world()
    request_id = await planned(world)
    before = rows(world)
    world.maps.map = changed_map("tickets")
    request = await run_on(world, request_id)
    assert (request.state, request.attention) == (State.HALTED, ("drift_map_changed",))
    assert request.erasure.halted == ("drift_map_changed",)
    assert rows(world) == before
    (halted,) = [entry for entry in await world.requests.history(request_id) if entry.happening is Happening.HALTED]
    assert halted.about == "tickets"


async def test_a_dataset_whose_definition_changes_between_two_waves_is_not_touched():
    world = erasing_world()
    request_id = await started(world)
    for command in world.bus.deliver():
        await world.deliver(command)
    world.maps.map = changed_map("tickets")
    before = rows(world)
    await world.drain()
    request = await now(world, request_id)
    assert (request.state, request.attention) == (State.HALTED, ("drift_map_changed",))
    assert rows(world) == before


@pytest.mark.parametrize(("more", "state"), [(100, State.COMPLETED), (101, State.HALTED)])
async def test_more_records_than_the_plan_showed_are_a_matter_for_a_person_from_a_limit_on(more, state):
    world = erasing_world()
    request_id = await planned(world)
    put(world.store, "tickets", *({"from": MIRA.email, "subject": f"number {n}"} for n in range(more)))
    request = await run_on(world, request_id)
    assert request.state is state
    left = of(MIRA, rows(world)).get("tickets", [])
    assert len(left) == (0 if state is State.COMPLETED else more + 1)
    assert request.attention == (() if state is State.COMPLETED else ("drift_count",))


async def test_twice_what_a_large_plan_showed_may_go_and_no_more():
    for more, state in ((300, State.COMPLETED), (301, State.HALTED)):
        world = erasing_world()
        put(world.store, "tickets", *({"from": MIRA.email, "subject": f"number {n}"} for n in range(299)))
        request_id = await planned(world)
        put(world.store, "tickets", *({"from": MIRA.email, "subject": f"late {n}"} for n in range(more)))
        assert (await run_on(world, request_id)).state is state


async def test_a_hold_that_is_known_when_the_plan_is_made_keeps_its_dataset_and_erases_the_rest():
    world = erasing_world(holds=Held("tickets"))
    request = await erased(world)
    assert request.state is State.COMPLETED
    told = (await lines(world, request))["tickets"]
    assert (told.outcome, told.exemption, told.count, told.until) == ("retained", "hold", 1, None)
    assert set(of(MIRA, rows(world))) == {"tickets", "invoices"}


async def test_a_hold_that_comes_after_the_plan_halts_the_erasure_before_it_begins():
    world = erasing_world(holds=(holds := Held()))
    request_id = await planned(world)
    before = rows(world)
    holds.datasets.add("activity")
    request = await run_on(world, request_id)
    assert (request.state, request.attention) == (State.HALTED, ("drift_hold",))
    assert rows(world) == before
    assert "erasure_started" not in happenings(await world.requests.history(request_id))
    assert (await world.withdraw_request(MIRA.caller(), request_id)).state is State.WITHDRAWN


async def test_a_hold_that_comes_at_the_very_moment_of_deleting_saves_what_is_left():
    world = erasing_world(holds=(holds := Held()))
    put(world.store, "tickets", *({"from": MIRA.email, "subject": f"number {n}"} for n in range(9)))
    world.store.page_size = 3
    request_id = await planned(world)
    erase = world.store.erase

    async def held_after_one_page(service, dataset, identifiers, erasure, position=None):
        async for step in erase(service, dataset, identifiers, erasure, position):
            if dataset.id == "tickets":
                holds.datasets.add("tickets")
            yield step

    world.store.erase = held_after_one_page
    request = await run_on(world, request_id)
    assert (request.state, request.attention) == (State.HALTED, ("drift_hold",))
    assert len(of(MIRA, rows(world))["tickets"]) == 7
    assert set(of(MIRA, rows(world))) == {"users", "signups", "tickets", "calls", "invoices"}
    world.store.erase = erase
    request = await planned_anew(world, request_id)
    assert (request.state, request.attention) == (State.APPROVAL_PENDING, ("approval_pending",))
    request = await approved(world, request_id)
    assert (request.state, request.attention) == (State.COMPLETED, ())
    assert len(of(MIRA, rows(world))["tickets"]) == 7
    assert set(of(MIRA, rows(world))) == {"tickets", "invoices"}


async def test_counts_add_up_over_rounds():
    world = erasing_world(holds=(holds := Held()))
    put(world.store, "tickets", *({"from": MIRA.email, "subject": f"number {n}"} for n in range(9)))
    world.store.page_size = 3
    request_id = await planned(world)
    erase = world.store.erase

    async def held_after_one_page(service, dataset, identifiers, erasure, position=None):
        async for step in erase(service, dataset, identifiers, erasure, position):
            if dataset.id == "tickets":
                holds.datasets.add("tickets")
            yield step

    world.store.erase = held_after_one_page
    assert (await run_on(world, request_id)).state is State.HALTED
    world.store.erase = erase
    holds.datasets.clear()
    await planned_anew(world, request_id)
    request = await approved(world, request_id)
    assert request.state is State.COMPLETED
    assert of(MIRA, rows(world)).keys() == {"invoices"}
    assert await receipts(world, request_id) == FOUND | {"tickets": 10}
    told = (await lines(world, request))["tickets"]
    assert (told.outcome, told.count) == ("anonymised", 10)


async def test_a_halted_erasure_waits_for_a_person_and_for_nothing_else():
    world = erasing_world()
    request_id = await planned(world)
    world.maps.map = changed_map("tickets")
    await run_on(world, request_id)
    before = rows(world)
    for _ in range(20):
        await world.sweep(days=1)
        await world.drain()
    assert (await now(world, request_id)).state is State.HALTED
    assert rows(world) == before


async def test_a_halted_erasure_is_planned_anew_with_the_new_map_and_goes_on_when_approved():
    world = erasing_world()
    request_id = await planned(world)
    first = (await world.requests.load(request_id)).plan
    world.maps.map = changed_map("tickets")
    await run_on(world, request_id)
    request = await planned_anew(world, request_id)
    second = (await world.requests.load(request_id)).plan
    assert request.state is State.APPROVAL_PENDING
    assert request.erasure.round == 2
    assert second.hash != first.hash
    pass_time(world, timedelta(days=10))
    await world.sweep()
    await world.drain()
    assert (await now(world, request_id)).state is State.APPROVAL_PENDING
    request = await approved(world, request_id)
    assert request.state is State.COMPLETED
    assert request.erasure.plan_hash == request.erasure.approved_hash == second.hash
    assert await receipts(world, request_id) == FOUND


async def test_a_map_that_changes_during_the_dry_run_is_looked_at_whole():
    services = erasure_services()[:3]
    services[0]["datasets"].pop()
    world = erasing_world(services)
    request_id = await requested(world)
    (planning,) = world.bus.deliver()
    await world.deliver(planning)
    first, *others = world.bus.deliver()
    assert first.task == "survey1.0.directory"
    await world.deliver(first)
    world.maps.map = data_map(erasure_services()).model_copy(update={"version": "test-2"})
    for command in others:
        await world.deliver(command)
    await world.drain()
    case = await world.requests.load(request_id)
    assert case.request.row.state is State.COOLING_OFF
    assert case.plan.map_version == "test-2"
    assert {one.dataset: one.count for one in case.plan.decisions} == FOUND | {"invoices": 1}
    request = await run_on(world, request_id)
    assert request.state is State.COMPLETED
    assert of(MIRA, rows(world)).keys() == {"invoices"}


async def test_a_dry_run_that_a_service_fails_for_good_is_planned_without_it_and_the_certificate_says_so():
    world = erasing_world()
    del world.store.drawers["memory", "activity"]
    request_id = await planned(world)
    request = await now(world, request_id)
    assert request.state is State.COOLING_OFF
    assert request.attention == ("survey_incomplete",)
    world.store.drawers["memory", "activity"] = type(world.store.drawers["memory", "users"])()
    request = await run_on(world, request_id)
    assert request.state is State.COMPLETED


async def test_a_service_that_is_gone_when_it_is_to_be_erased_makes_the_certificate_partial():
    world = erasing_world(manual_margin=timedelta(hours=1))
    request_id = await planned(world)
    del world.store.drawers["memory", "activity"]
    await run_on(world, request_id)
    request = await swept(world, request_id, State.PARTIALLY_COMPLETED, every=24)
    told = (await lines(world, request))["activity"]
    assert (told.outcome, told.reason, told.count) == ("not_erased", "store_missing", 1)
    assert (await certificate(world, request))["outcome"] == "partial"
    assert (await lines(world, request))["tickets"].outcome == "anonymised"


async def test_a_service_that_leaves_the_map_between_two_waves_is_left_to_an_operator_for_that_reason():
    world = erasing_world()
    request_id = await started(world)
    for command in world.bus.deliver():
        await world.deliver(command)
    world.maps.map = data_map([one for one in erasure_services() if one["id"] != "directory"])
    await world.drain()
    case = await world.requests.load(request_id)
    task = case.tasks["erase1-2.0.directory"].row
    assert (case.request.row.state, task.state, task.reason) == (
        State.ERASING,
        TaskState.MANUAL,
        "service_left_the_data_map",
    )
    assert of(MIRA, rows(world)).keys() == {"users", "signups", "invoices"}


async def test_whoever_asks_a_second_time_gets_receipts_of_zero_for_what_is_gone():
    world = erasing_world()
    first = await erased(world)
    second = await erased(world)
    assert (first.state, second.state) == (State.COMPLETED, State.COMPLETED)
    assert set((await receipts(world, second.id)).values()) == {0}
    told = await lines(world, second)
    assert told["activity"].outcome == "nothing_found"
    assert told["invoices"].outcome == "retained"
    assert len(world.egress.sent) == 1


async def halted_amid_tickets(world, request_id):
    """Let the second wave stop right before it deletes anything."""
    for command in world.bus.deliver():
        await world.deliver(command)
    world.holds.datasets.add("tickets")
    await world.drain()
    world.holds.datasets.clear()
    return await now(world, request_id)


async def test_an_erasure_that_began_once_has_begun_in_every_later_round():
    world = erasing_world(holds=Held(), brake_limit=1)
    request_id = await started(world)
    first = (await now(world, request_id)).erasure.started_at
    assert (await halted_amid_tickets(world, request_id)).state is State.HALTED
    pass_time(world, timedelta(minutes=5))
    request = await planned_anew(world, request_id)
    assert (request.state, request.erasure.started_at) == (State.APPROVAL_PENDING, first)
    with pytest.raises(Conflict, match="erasure_has_begun"):
        await world.withdraw_request(MIRA.caller(), request_id)
    request = await approved(world, request_id)
    assert (request.state, request.erasure.started_at) == (State.COMPLETED, first)
    assert await world.brakes.on() == []


async def test_a_copy_that_was_handed_over_stays_so_in_every_later_round():
    world = erasing_world()
    request_id = await planned(world, "access", "erasure")
    before = (await now(world, request_id)).erasure.handed_over_at
    await world.own_erasure.waive_copy(MIRA.caller(), request_id)
    await world.drain()
    await world.halt_erasure.case(await world.requests.load(request_id), "hold", "tickets")
    pass_time(world, timedelta(minutes=5))
    request = await planned_anew(world, request_id)
    assert request.erasure.handed_over_at == before
    assert request.erasure.waived_at == before


async def test_a_round_that_was_halted_before_it_deleted_anything_shows_no_receipt():
    world = erasing_world(holds=Held())
    request_id = await planned(world)
    count = world.store.count

    async def held_once_counted(service, dataset, identifiers, position=None):
        async for step in count(service, dataset, identifiers, position):
            yield step
        if dataset.id == "calls":
            world.holds.datasets.add("tickets")

    world.store.count = held_once_counted
    assert (await run_on(world, request_id)).state is State.HALTED
    world.store.count = count
    world.holds.datasets.clear()
    await planned_anew(world, request_id)
    case = await world.requests.load(request_id)
    stopped = case.tasks["erase1-1.0.support"].row
    assert (stopped.found["tickets"].count, stopped.receipts) == (1, ())
    assert {one.dataset for one in case.tasks["erase1-0.0.usage"].row.receipts} == {"activity"}


async def test_only_what_runs_is_halted():
    world = erasing_world()
    request_id = await planned(world)
    before = await world.requests.load(request_id)
    await world.halt_erasure(request_id, "count", "tickets")
    assert await world.requests.load(request_id) == before
    request = await run_on(world, request_id)
    await world.halt_erasure(request_id, "count", "tickets")
    assert await now(world, request_id) == request


async def test_a_worker_of_a_halted_round_deletes_no_further_page_in_the_next_one():
    world = erasing_world()
    put(world.store, "letters", *({"to": MIRA.email, "sentTo": []} for _ in range(8)))
    world.store.page_size = 4
    request_id = await started(world)
    erase, pages = world.store.erase, []

    async def slow(service, dataset, identifiers, erasure, position=None):
        async for step in erase(service, dataset, identifiers, erasure, position):
            yield step
            pages.append(dataset.id)
            if pages == ["letters"]:
                await world.halt_erasure(request_id, "hold", "letters")
                world.store.erase = erase
                for command in world.bus.deliver():
                    await world.deliver(command)
                await planned_anew(world, request_id)
                plan = (await world.requests.load(request_id)).plan
                await world.oversee_erasures.approve(OPERATOR, request_id, plan.hash)
                await world.advance_request.of(request_id)
                assert (await now(world, request_id)).stage == "erase2-0"

    world.store.erase = slow
    command = next(one for one in world.bus.deliver() if one.key == "run_service_task:erase1-0.0.mailing:0")
    await world.deliver(command)
    assert len(of(MIRA, rows(world))["letters"]) == 6
    await world.drain()
    request = await swept(world, request_id, State.COMPLETED, every=0.1)
    assert (await receipts(world, request.id))["letters"] == 10
