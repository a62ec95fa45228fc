"""An erasure from its dry run to its certificate, and whatever stops it on the way."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from asking import happenings, now
from builders import CONTOSO, FABRIKAM, MIRA, NAMESAKE, TOM, Person, put, user_row
from erasing_world import (
    LIFE,
    OPERATOR,
    Suspended,
    begin,
    certificate,
    erased,
    erasing_world,
    erasure_services,
    lines,
    of,
    pass_time,
    planned,
    receipts,
    recipient_lines,
    requested,
    rows,
    run_on,
    started,
    swept,
)

from shared.domain.errors import Conflict, NotFound, Transient
from shared.domain.states import Happening, State

FOUND = {"users": 1, "signups": 1, "activity": 1, "tickets": 1, "calls": 1, "letters": 2}
OTHERS = (TOM, NAMESAKE)


async def approved(world, request_id):
    """Let an operator approve whatever the plan is, and deliver everything."""
    plan = (await world.requests.load(request_id)).plan
    await world.oversee_erasures.approve(OPERATOR, request_id, plan.hash)
    await world.drain()
    return await now(world, request_id)


# ── The whole way ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_whole_erasure_leaves_nothing_of_the_person_and_everything_of_everybody_else():
    world = erasing_world()
    before = rows(world)
    assert {drawer: len(found) for drawer, found in of(MIRA, before).items()} == FOUND | {"invoices": 1}
    request = await erased(world)
    assert request.state is State.COMPLETED
    assert {part.state for part in request.parts} == {State.COMPLETED}
    after = rows(world)
    assert of(MIRA, after) == {"invoices": before["invoices"][:1]}
    for person in OTHERS:
        assert of(person, after) == of(person, before)
    assert sum(map(len, after.values())) == sum(map(len, before.values())) - 6
    assert happenings(await world.requests.history(request.id)) == LIFE


async def test_every_receipt_counts_what_was_there_and_the_certificate_repeats_it():
    world = erasing_world()
    request = await erased(world)
    assert await receipts(world, request.id) == FOUND
    told = await lines(world, request)
    assert {name: one.count for name, one in told.items()} == FOUND | {"invoices": 1}
    assert {one.verified for name, one in told.items() if name != "invoices"} == {"looked_again"}
    assert told["tickets"].outcome == "anonymised"
    kept = told["invoices"]
    assert (kept.outcome, kept.exemption, kept.until) == ("retained", "17-3-b", date(2033, 12, 31))
    cover = await certificate(world, request)
    assert cover["outcome"] == "complete"
    assert cover["audit_event"] == request.erasure.audit_event


async def test_the_certificate_names_the_line_of_history_that_records_it():
    world = erasing_world()
    request = await erased(world)
    (certified,) = [
        entry for entry in await world.requests.history(request.id) if entry.happening is Happening.CERTIFIED
    ]
    assert certified.hash == request.erasure.audit_event
    assert certified.about == request.erasure.plan_hash


async def test_services_are_erased_wave_by_wave_and_where_identities_come_from_goes_last():
    world = erasing_world()
    request_id = await started(world)
    seen = []
    while commands := world.bus.deliver():
        for command in commands:
            left = {name for name, found in of(MIRA, rows(world)).items() if found}
            if getattr(command, "task", "").startswith("erase"):
                seen.append((command.task, left))
            await world.deliver(command)
    assert sorted(task for task, _ in seen[:2]) == ["erase1-0.0.mailing", "erase1-0.0.usage"]
    assert [task for task, _ in seen[2:]] == ["erase1-1.0.support", "erase1-2.0.directory"]
    assert seen[2][1] == {"users", "signups", "tickets", "calls", "invoices"}
    assert seen[3][1] == {"users", "signups", "invoices"}
    assert (await now(world, request_id)).state is State.COMPLETED


async def test_a_dry_run_touches_nothing_and_tells_what_is_there():
    world = erasing_world()
    before = rows(world)
    request_id = await planned(world)
    assert rows(world) == before
    case = await world.requests.load(request_id)
    assert {one.dataset: one.count for one in case.plan.decisions} == FOUND | {"invoices": 1}
    assert case.request.row.state is State.COOLING_OFF
    assert case.request.row.erasure.plan_hash == case.plan.hash
    assert "3 days" in world.mailer.sent[-1].text or "5 November" in world.mailer.sent[-1].text


async def test_recipients_hear_of_what_really_reached_them():
    world = erasing_world()
    request = await erased(world)
    (call,) = world.egress.sent
    assert call.url == "https://analytics.example/erased"
    assert b'"activity"' in call.body
    assert MIRA.object_id.encode() in call.body
    (mail,) = [one for one in world.mailer.sent if one.to == "privacy@courier.example"]
    assert MIRA.email in mail.text
    told = await recipient_lines(world, request)
    assert {name: (one.outcome, one.datasets) for name, one in told.items()} == {
        "analytics": ("told", ("activity",)),
        "courier": ("told", ("letters",)),
    }


async def test_a_recipient_that_got_nothing_of_this_person_hears_nothing():
    world = erasing_world()
    world.store.drawers["memory", "letters"].rows[:] = [
        {"to": MIRA.email, "sentTo": []},
        {"to": TOM.email, "sentTo": ["courier"]},
    ]
    world.store.drawers["memory", "activity"].rows[:] = []
    request = await erased(world)
    assert (await receipts(world, request.id))["letters"] == 1
    assert await recipient_lines(world, request) == {}
    assert world.egress.sent == []
    assert [one.to for one in world.mailer.sent if one.to != MIRA.email] == []


async def test_a_recipient_that_cannot_be_reached_is_told_of_in_the_certificate_which_is_whole():
    world = erasing_world(inform_within=timedelta(hours=1))

    async def down(_):
        raise Transient("recipient_unavailable")

    world.egress.answer = down
    request_id = await started(world)
    await world.drain()
    assert (await now(world, request_id)).state is State.INFORMING
    request = await swept(world, request_id, State.COMPLETED)
    told = await recipient_lines(world, request)
    assert (told["analytics"].outcome, told["courier"].outcome) == ("not_reached", "told")


async def test_somebody_nobody_knows_gets_receipts_of_zero_and_a_certificate():
    world = erasing_world()
    stranger = Person(given="Una", surname="Known", email="una@elsewhere.example")
    before = rows(world)
    request = await erased(world, person=stranger, signed_in=False)
    assert request.state is State.COMPLETED
    assert rows(world) == before
    assert await receipts(world, request.id) == {"tickets": 0, "calls": 0, "letters": 0}
    told = await lines(world, request)
    assert {told[name].outcome for name in ("tickets", "calls", "letters")} == {"nothing_found"}
    assert {told[name].outcome for name in ("users", "invoices")} == {"not_searched"}
    assert (await certificate(world, request))["outcome"] == "complete"
    assert world.egress.sent == []


async def test_what_no_service_can_be_searched_for_is_certified_without_any_task():
    world = erasing_world(erasure_services()[:2])
    request = await erased(world, signed_in=False, person=Person(given="U", surname="N", email="u@elsewhere.example"))
    assert request.state is State.COMPLETED
    assert (await world.requests.load(request.id)).tasks == {}
    assert {one.outcome for one in (await lines(world, request)).values()} == {"not_searched"}


async def test_everything_delivered_twice_is_done_once():
    world = erasing_world()
    deliver = world.deliver

    async def doubled(command):
        await deliver(command)
        await deliver(command)
        await deliver(command.model_copy(update={"attempt": command.attempt + 1}))

    world.deliver = doubled
    request = await erased(world)
    assert happenings(await world.requests.history(request.id)) == LIFE
    assert await receipts(world, request.id) == FOUND
    assert len(world.egress.sent) == 1
    assert len(await world.packages.names(request.id)) == 1


async def test_nudges_at_any_time_and_all_at_once_change_nothing():
    world = erasing_world(requests=Suspended())
    request_id = await requested(world)
    while True:
        await asyncio.gather(*(world.advance_request.of(request_id) for _ in range(4)))
        commands = world.bus.deliver()
        if not commands:
            if (await now(world, request_id)).state is not State.COOLING_OFF:
                break
            pass_time(world, timedelta(days=3))
        twice = [command for command in commands if command.kind in {"advance_request", "run_service_task"}]
        await asyncio.gather(*(world.deliver(command) for command in [*commands, *twice]))
    assert happenings(await world.requests.history(request_id)) == LIFE
    assert await receipts(world, request_id) == FOUND


# ── Time to think ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_nothing_is_touched_before_the_time_to_think_is_over():
    world = erasing_world()
    request_id = await planned(world)
    before = rows(world)
    pass_time(world, timedelta(days=3) - timedelta(seconds=1))
    await world.advance_request.of(request_id)
    await world.sweep()
    await world.drain()
    assert (await now(world, request_id)).state is State.COOLING_OFF
    assert rows(world) == before
    pass_time(world, timedelta(seconds=1))
    await world.drain()
    assert (await now(world, request_id)).state is State.COMPLETED


async def test_the_sweep_starts_an_erasure_whose_nudge_was_lost():
    world = erasing_world()
    request_id = await planned(world)
    world.bus.waiting.clear()
    await world.sweep(days=3)
    await world.drain()
    assert (await now(world, request_id)).state is State.COMPLETED


async def test_an_erasure_that_goes_on_waiting_is_nudged_under_a_new_id_each_time():
    world = erasing_world()
    await planned(world)
    ids = []
    for days in (3, 1, 1):
        world.bus.waiting.clear()
        await world.sweep(days=days)
        ids += [command.message_id for command in world.bus.deliver() if command.kind == "advance_request"]
    assert len(set(ids)) == 3, "the bus would swallow a repeated id"


async def test_an_erasure_withdrawn_in_time_touches_nothing_ever():
    world = erasing_world()
    request_id = await planned(world)
    before = rows(world)
    after = await world.withdraw_request(MIRA.caller(), request_id)
    assert (after.state, after.reason) == (State.WITHDRAWN, "withdrawn")
    for _ in range(10):
        await world.sweep(days=1)
        await world.drain()
    assert (await now(world, request_id)).state is State.WITHDRAWN
    assert rows(world) == before
    assert "withdrawn" in world.mailer.sent[-1].subject.lower() + world.mailer.sent[-1].text.lower()


async def test_an_erasure_that_has_begun_cannot_be_withdrawn_at_any_later_time():
    world = erasing_world()
    request_id = await started(world)
    seen = set()
    while True:
        request = await now(world, request_id)
        if request.state.is_final:
            break
        seen.add(request.state)
        with pytest.raises(Conflict, match="erasure_has_begun"):
            await world.withdraw_request(MIRA.caller(), request_id)
        for command in world.bus.deliver():
            await world.deliver(command)
    assert {State.ERASING, State.INFORMING} <= seen
    assert await receipts(world, request_id) == FOUND


async def test_without_time_to_think_it_begins_at_once():
    world = erasing_world(cooling_off=timedelta(0))
    request_id = await requested(world)
    await world.drain()
    assert (await now(world, request_id)).state is State.COMPLETED


# ── Too many at once ─────────────────────────────────────────────────────────────────────────────────────────────────


def somebody(number: int, tenant: str = CONTOSO) -> Person:
    name = f"somebody.{number}.{tenant[:1]}"
    object_id = f"{number:08d}-0000-4000-8000-00000000{tenant[:4]}"
    return Person(given=name, surname="X", email=f"{name}@contoso.example", tenant=tenant, object_id=object_id)


async def begun(world, number: int, tenant: str = CONTOSO):
    """Somebody of a tenant asks, signed in without an address, for what is Spinpanel's own is braked as well."""
    person = somebody(number, tenant)
    put(world.store, "activity", {"tenant": tenant, "oid": person.object_id, "action": "x"})
    request = await requested(world, person=person, email=False)
    await world.drain()
    return await now(world, request)


async def test_one_erasure_too_many_in_an_hour_waits_until_an_operator_lets_go():
    world = erasing_world(brake_limit=2, cooling_off=timedelta(0))
    assert [(await begun(world, number)).state for number in range(2)] == [State.COMPLETED] * 2
    braked = await begun(world, 3)
    assert (braked.state, braked.attention) == (State.COOLING_OFF, ("braked",))
    assert {one.id for one in await world.brakes.on()} == {CONTOSO}
    for _ in range(10):
        await world.sweep(hours=1)
        await world.drain()
    assert (await now(world, braked.id)).state is State.COOLING_OFF
    assert [entry.happening for entry in await world.requests.history(braked.id)].count(Happening.BRAKED) == 1
    await world.oversee_erasures.release(OPERATOR, CONTOSO)
    request = await swept(world, braked.id, State.COMPLETED, every=0.1)
    assert "braked" not in request.attention
    assert await world.brakes.on() == []


async def test_a_brake_stops_no_other_tenant():
    world = erasing_world(brake_limit=2, cooling_off=timedelta(0))
    for number in range(3):
        await begun(world, number)
    assert await world.brakes.is_on(CONTOSO)
    other = await begun(world, 7, FABRIKAM)
    assert other.state is State.COMPLETED
    assert {one.id for one in await world.brakes.on()} == {CONTOSO}


async def test_an_hour_that_was_busy_and_not_too_busy_does_not_count_for_the_next():
    world = erasing_world(brake_limit=2, cooling_off=timedelta(0))
    for number in range(2):
        await begun(world, number)
    pass_time(world, timedelta(hours=1))
    assert (await begun(world, 5)).state is State.COMPLETED


async def test_a_braked_erasure_can_still_be_withdrawn():
    world = erasing_world(brake_limit=1, cooling_off=timedelta(0))
    await begun(world, 1)
    braked = await begun(world, 2)
    caller = somebody(2).caller()
    assert (await world.withdraw_request(caller, braked.id)).state is State.WITHDRAWN
    await world.oversee_erasures.release(OPERATOR, CONTOSO)
    await world.sweep(hours=1)
    await world.drain()
    assert len([row for row in rows(world)["activity"] if somebody(2).object_id in str(row)]) == 1


async def test_an_operators_approval_is_asked_where_the_policy_says_so():
    world = erasing_world(erasure_approval="operator")
    request_id = await planned(world)
    before = rows(world)
    request = await run_on(world, request_id)
    assert (request.state, request.attention) == (State.APPROVAL_PENDING, ("approval_pending",))
    assert rows(world) == before
    request = await approved(world, request_id)
    assert (request.state, request.attention) == (State.COMPLETED, ())


async def test_an_approval_given_early_does_not_cut_the_time_to_think():
    world = erasing_world(erasure_approval="operator")
    request_id = await planned(world)
    assert (await approved(world, request_id)).state is State.COOLING_OFF
    await begin(world, request_id)
    assert (await now(world, request_id)).state is State.ERASING


async def test_a_nudge_for_nothing_is_not_found_and_one_for_a_copy_does_nothing():
    world = erasing_world()
    with pytest.raises(NotFound):
        await world.advance_request.of("00000000-0000-4000-8000-00000000dead")
    request_id = await requested(world, "access")
    before = await now(world, request_id)
    await world.advance_request.of(request_id)
    assert await now(world, request_id) == before


async def test_an_approval_whose_nudge_was_lost_is_seen_by_the_sweep():
    world = erasing_world(erasure_approval="operator")
    request_id = await planned(world)
    await run_on(world, request_id)
    plan = (await world.requests.load(request_id)).plan
    await world.oversee_erasures.approve(OPERATOR, request_id, plan.hash)
    world.bus.waiting.clear()
    assert (await swept(world, request_id, State.COMPLETED, every=0.1)).erasure.approved_hash == plan.hash


async def test_a_certificate_that_could_not_be_signed_is_signed_by_a_later_sweep():
    world = erasing_world()
    request_id = await started(world)
    sign, down = world.signer.sign, [True]

    async def fails(header, payload):
        if down:
            raise Transient("vault_unreachable")
        return await sign(header, payload)

    world.signer.sign = fails
    await world.drain()
    world.bus.waiting.clear()
    assert (await now(world, request_id)).state is State.CERTIFYING
    await world.sweep(hours=1)
    await world.drain()
    assert (await now(world, request_id)).state is State.CERTIFYING
    world.bus.waiting.clear()
    down.clear()
    request = await swept(world, request_id, State.COMPLETED, every=0.1)
    assert (await certificate(world, request))["outcome"] == "complete"


async def test_a_dry_run_cut_into_steps_finds_what_one_step_finds():
    worlds = [erasing_world(), erasing_world(step_for=timedelta(0))]
    plans = []
    for world in worlds:
        world.store.page_size = 10
        put(world.store, "letters", *({"to": MIRA.email, "sentTo": []} for _ in range(24)))
        put(world.store, "letters", {"to": MIRA.email, "sentTo": ["courier"]})
        del world.store.drawers["memory", "letters"].rows[:2]
        put(world.store, "calls", *({"by": MIRA.email} for _ in range(24)))
        request_id = await planned(world)
        case = await world.requests.load(request_id)
        plans.append({one.dataset: (one.count, one.recipients) for one in case.plan.decisions})
        steps = {key: task.row.chunk for key, task in case.tasks.items()}
    assert plans[0] == plans[1]
    assert plans[1]["letters"] == (25, ("courier",))
    assert plans[1]["calls"] == (25, ())
    assert steps["survey1.0.mailing"] == 3
    assert steps["survey1.0.support"] == 3


async def test_a_person_of_two_tenants_is_erased_in_both_part_by_part_and_counted_by_both_brakes():
    world = erasing_world(brake_limit=1)
    twin = replace(MIRA, tenant=FABRIKAM, object_id="dddddddd-0000-4000-8000-00000000000d")
    put(world.store, "users", user_row(twin))
    put(world.store, "signups", {"tenant": FABRIKAM, "email": MIRA.email, "company": "Fabrikam"})
    before = rows(world)
    request = await erased(world, signed_in=False)
    assert {part.tenant for part in request.parts} == {CONTOSO, FABRIKAM}
    assert (await receipts(world, request.id))["signups"] == 2
    told = (await lines(world, request))["signups"]
    assert (told.outcome, told.count) == ("erased", 2)
    assert "signups" not in of(MIRA, rows(world))
    for person in OTHERS:
        assert of(person, rows(world)) == of(person, before)
    for tenant in (CONTOSO, FABRIKAM):
        assert not await world.brakes.count(tenant, 1, timedelta(hours=1)), tenant
