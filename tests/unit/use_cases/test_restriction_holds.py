"""What a person wants kept is not erased, whoever asks and however they are known; nothing else is held up."""

from datetime import timedelta

import pytest
from asking import asked, code_of, now
from builders import CONTOSO, FABRIKAM, MIRA, NAMESAKE, TOM
from measuring_world import measuring_world, settled

from shared.domain.erasure import Action
from shared.domain.measure import Measure
from shared.domain.states import State


async def erasure(world, person=MIRA, *, signed_in=True):
    """An erasure with its plan."""
    request = await asked(world, person, rights=("erasure",), signed_in=signed_in)
    await world.drain()
    await world.confirm_identity(request.id, code_of(world, request.id))
    await world.drain()
    return await now(world, request.id)


async def retained(world, request) -> dict[str, str | None]:
    plan = (await world.requests.load(request.id)).plan
    return {one.dataset: one.exemption for one in plan.decisions if one.action is Action.RETAIN}


@pytest.mark.parametrize("ground", ["18-1-b", "18-1-c"])
async def test_the_persons_own_erasure_names_what_they_wanted_kept_as_retained(ground):
    world = measuring_world()
    await settled(world, "restriction", restriction={"ground": ground, "datasets": ["visits", "activity"]})
    request = await erasure(world)
    assert await retained(world, request) == {"visits": "hold", "activity": "hold"}
    await world.sweep(days=4)
    for _ in range(3):
        await world.drain()
        await world.sweep(minutes=4)
    assert any(row["email"] == MIRA.email for row in world.store.drawers["memory", "visits"].rows)
    assert not any(row["email"] == MIRA.email for row in world.store.drawers["memory", "readers"].rows)


@pytest.mark.parametrize("ground", ["18-1-a", "18-1-d", None])
async def test_a_restriction_on_another_ground_does_not_stand_in_an_erasures_way(ground):
    world = measuring_world()
    await settled(world, "restriction", restriction={"ground": ground})
    assert await retained(world, await erasure(world)) == {}


async def test_it_is_found_by_every_identifier_not_by_the_proven_one_alone():
    world = measuring_world()
    await settled(world, "restriction", restriction={"ground": "18-1-b", "datasets": ["visits"]})
    assert await retained(world, await erasure(world, signed_in=False)) == {"visits": "hold"}


async def test_one_persons_restriction_keeps_nothing_of_anothers_nor_in_another_tenant():
    world = measuring_world()
    request = await settled(world, "restriction", restriction={"ground": "18-1-b"})
    assert {part.tenant for part in request.parts} == {CONTOSO}
    assert await retained(world, await erasure(world, TOM)) == {}
    assert await retained(world, await erasure(world, NAMESAKE)) == {}
    assert NAMESAKE.tenant == FABRIKAM


async def test_what_was_restricted_in_a_tenant_alone_keeps_nothing_of_spinpanels_own():
    world = measuring_world()
    request = await erasure(world)
    [handle] = world.references.handles("entra_object_id", MIRA.object_id, CONTOSO)
    kept = Measure(id="r.0", kind="restriction", ground="18-1-b", tenant=CONTOSO, since=world.clock())
    await world.measures.put([handle], kept)
    assert await world.holds.held(request.id, 0) == {"users", "signups", "activity"}


async def test_one_that_is_set_while_an_erasure_waits_halts_it_before_anything_is_deleted():
    world = measuring_world(cooling_off=timedelta(days=1))
    request = await erasure(world)
    assert request.state is State.COOLING_OFF
    await settled(world, "restriction", restriction={"ground": "18-1-b", "datasets": ["visits"]})
    await world.sweep(days=2)
    await world.drain()
    halted = await now(world, request.id)
    assert halted.state is State.HALTED
    assert halted.erasure.halted == ("drift_hold",)
    assert any(row["email"] == MIRA.email for row in world.store.drawers["memory", "readers"].rows)


async def test_once_it_is_lifted_nothing_is_held():
    world = measuring_world()
    restriction = await settled(world, "restriction", restriction={"ground": "18-1-b"})
    request = await erasure(world)
    assert await world.holds.held(request.id, 0)
    await world.lifting_measures.lift_own(MIRA.caller(), restriction.id)
    assert await world.holds.held(request.id, 0) == frozenset()


class Counted:
    """Measures that count what is read of them."""

    def __init__(self, measures) -> None:
        self.measures, self.looks = measures, 0

    async def keeping(self):
        self.looks += 1
        return await self.measures.keeping()

    def __getattr__(self, name):
        raise AssertionError(f"{name} was asked though nobody wants anything kept")


async def test_where_nobody_wants_anything_kept_one_query_is_all_it_takes():
    world = measuring_world()
    request = await erasure(world)
    world.measures = counted = Counted(world.measures)
    del world.__dict__["holds"]
    assert await world.holds.held(request.id, 0) == frozenset()
    assert counted.looks == 1
