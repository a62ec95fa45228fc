"""How a customer's cases ended: Spinpanel's own and other customers' are not counted."""

from dataclasses import replace

import pytest
from asking import now
from builders import CONTOSO, FABRIKAM, MIRA, NAMESAKE
from customers import administrator, customer, mixed_world, split

from shared.domain.errors import NotFound
from shared.messages.tenant_inputs import DecideCase


async def test_cases_are_counted_by_right_and_outcome_and_small_counts_left_out():
    world = mixed_world(intake_per_network=1000, intake_per_caller=1000)
    await world.tenants.write(customer(CONTOSO), None)
    await world.tenants.write(customer(FABRIKAM), None)
    cases = []
    for number in range(7):
        somebody = replace(MIRA, object_id=f"{number:08d}-0000-4000-8000-00000000000a")
        _, [case] = await split(world, somebody)
        cases.append(case)
    await split(world, NAMESAKE)
    for case in cases[:6]:
        decision = DecideCase(outcome="refused", ground="rights_of_others")
        await world.controller_cases.decide(administrator(), CONTOSO, case.id, decision)
    counted = await world.tenant_statistics(administrator(), CONTOSO)
    assert set(counted) == {"access"}
    assert counted["access"].total == 7
    assert counted["access"].counts["refused"] is None, "6 would tell that one more is open"
    await world.controller_cases.decide(administrator(), CONTOSO, cases[6].id, decision)
    counted = await world.tenant_statistics(administrator(), CONTOSO)
    assert counted["access"].counts["refused"] == 7
    assert counted["access"].counts["completed"] is None
    assert (await now(world, cases[0].origin)).state.public == "completed"


async def test_few_cases_tell_nothing():
    world = mixed_world()
    await world.tenants.write(customer(CONTOSO, "access"), None)
    await split(world)
    counted = await world.tenant_statistics(administrator(), CONTOSO)
    assert counted["access"].total is None
    assert set(counted["access"].counts.values()) == {None}


async def test_another_customers_statistics_are_not_there():
    world = mixed_world()
    await world.tenants.write(customer(CONTOSO), None)
    await world.tenants.write(customer(FABRIKAM), None)
    with pytest.raises(NotFound):
        await world.tenant_statistics(administrator(FABRIKAM), CONTOSO)
