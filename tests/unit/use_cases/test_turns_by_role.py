"""A customer's case and Spinpanel's own request of one person do not wait for each other; two of a kind do."""

from datetime import timedelta

from asking import now
from builders import CONTOSO, MIRA
from customers import administrator, customer, mixed_world, split

from shared.domain.states import State
from shared.messages.tenant_inputs import DecideCase


async def test_an_erasure_of_our_own_does_not_wait_for_the_customers_copy_nor_its_erasure():
    world = mixed_world(cooling_off=timedelta(days=1))
    await world.tenants.write(customer(CONTOSO, "erasure"), None)
    request, [case] = await split(world, rights=("erasure",))
    assert (request.state, case.state) == (State.COOLING_OFF, State.COOLING_OFF)
    assert await world.taking_turns.is_next(request)
    assert await world.taking_turns.is_next(case)
    await world.taking_turns.leave(case)
    assert await world.taking_turns.is_next(request)


async def test_two_erasures_of_one_customers_data_come_one_after_the_other():
    world = mixed_world(cooling_off=timedelta(days=1))
    await world.tenants.write(customer(CONTOSO), None)
    cases = []
    for rights in (("erasure",), ("erasure", "access")):
        _, [case] = await split(world, rights=rights)
        await world.controller_cases.decide(administrator(), CONTOSO, case.id, DecideCase(outcome="granted"))
        await world.drain()
        cases.append(await now(world, case.id))
    assert await world.taking_turns.is_next(cases[0])
    assert not await world.taking_turns.is_next(cases[1])
    await world.taking_turns.leave(cases[0])
    assert await world.taking_turns.is_next(cases[1])


async def test_both_are_erased_in_the_end_and_certified_apart():
    world = mixed_world()
    await world.tenants.write(customer(CONTOSO, "erasure"), None)
    request, [case] = await split(world, rights=("erasure",))
    for _ in range(4):
        await world.sweep(days=1)
        await world.drain()
    request, case = await now(world, request.id), await now(world, case.id)
    assert (request.state, case.state) == (State.COMPLETED, State.COMPLETED)
    assert request.certificate.id != case.certificate.id
    left = {name: drawer.rows for (_, name), drawer in world.store.drawers.items()}
    assert not [row for row in left["activity"] if row["oid"] == MIRA.object_id]
    assert world.turns.held == {} or all("asked" in key for key in world.turns.held)
