"""What a person may have stopped is stopped when they say so, in every place that knows them, and in no other."""

import json
import logging

import pytest
from asking import asked, code_of, happenings, now
from builders import CONTOSO, FABRIKAM, MIRA, NAMESAKE, TOM
from measuring_world import CLIENT, changes, looked_up, measuring_world, of_account, settled

from shared.domain.errors import Transient
from shared.domain.request import RequestId
from shared.domain.states import State
from shared.messages.commands import PlanRequest, ProcessingChanged


async def test_a_restriction_is_in_force_under_every_identifier_and_its_request_is_answered():
    world = measuring_world()
    request = await settled(world, "restriction", restriction={"ground": "18-1-a"})
    assert request.state is State.COMPLETED
    assert [part.state for part in request.parts] == [State.COMPLETED] * len(request.parts)
    for found in (await looked_up(world, "readers"), await looked_up(world, "visits"), await of_account(world)):
        assert found.limits.restricted
        assert found.version > 0
    assert {one.command.notice for one in world.bus.sent if one.command.kind == "send_notice"} == {"settled"}


async def test_a_restriction_in_one_tenant_says_nothing_in_another_nor_of_anybody_else():
    world = measuring_world()
    await settled(world, "restriction")
    assert (await of_account(world)).limits.restricted
    for other in (
        await of_account(world, tenant=FABRIKAM),
        await of_account(world, NAMESAKE, FABRIKAM),
        await of_account(world, TOM),
        await looked_up(world, "readers", TOM),
    ):
        assert not other.limits.restricted
        assert other.version == 0


async def test_a_restriction_of_one_dataset_leaves_the_others_alone():
    world = measuring_world()
    await settled(world, "restriction", restriction={"datasets": ["visits"]})
    assert (await looked_up(world, "visits")).limits.restricted
    assert not (await looked_up(world, "readers")).limits.restricted
    assert not (await of_account(world)).limits.restricted


async def test_an_objection_to_marketing_is_done_at_once_and_nobody_decides_it():
    world = measuring_world()
    request = await settled(world, "objection", objection={"purposes": ["news"]})
    assert request.state is State.COMPLETED
    assert request.attention == ()
    assert (await looked_up(world, "readers")).limits.objections == ("news",)
    assert (await looked_up(world, "visits")).limits.objections == ()


async def test_an_objection_to_an_interest_holds_while_people_weigh_it():
    world = measuring_world()
    request = await settled(world, "objection", objection={"purposes": ["statistics"]})
    assert request.state is State.DECIDING
    assert "decision_pending" in request.attention
    assert any(part.decide for part in request.parts)
    assert (await looked_up(world, "visits")).limits.objections == ("statistics",)


async def test_an_address_code_is_proof_enough_to_take_a_consent_back():
    world = measuring_world()
    request = await asked(world, rights=("withdraw_consent",))
    await world.drain()
    assert (await looked_up(world, "readers")).limits.withdrawals == ()
    await world.confirm_identity(request.id, code_of(world, request.id))
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED
    assert (await looked_up(world, "readers")).limits.withdrawals == ("news",)
    assert (await looked_up(world, "visits")).limits.withdrawals == ()


async def test_what_was_withdrawn_is_a_line_of_the_persons_own_record_and_of_nobody_elses():
    world = measuring_world()
    request = await settled(world, "withdraw_consent")
    [line] = await world.own_consents(MIRA.caller())
    assert (line.purpose, line.state, line.request) == ("news", "ConsentWithdrawn", request.id)
    assert await world.own_consents(TOM.caller()) == []


async def test_beside_a_copy_the_limit_is_in_force_before_the_copy_is_there():
    world = measuring_world()
    request = await asked(world, rights=("access", "withdraw_consent"), signed_in=True)
    await world.drain()
    await world.confirm_identity(request.id, code_of(world, request.id))
    for command in world.bus.deliver():
        if isinstance(command, PlanRequest):
            await world.deliver(command)
    assert (await now(world, request.id)).state is State.COLLECTING
    assert (await looked_up(world, "readers")).limits.withdrawals == ("news",)
    await world.drain()
    after = await now(world, request.id)
    assert after.state is State.COMPLETED
    assert sorted(one.notice for one in after.told) == ["answered", "settled"]


async def test_beside_an_erasure_it_is_told_at_once_what_was_stopped():
    world = measuring_world()
    request = await settled(world, "erasure", "objection", objection={"purposes": ["news"]})
    assert request.state is State.COOLING_OFF
    assert {part.state for part in request.parts if part.right == "objection"} == {State.COMPLETED}
    assert sorted(one.notice for one in request.told) == ["planned", "settled"]
    assert (await looked_up(world, "readers")).limits.objections == ("news",)


async def test_a_recipient_is_told_of_a_restriction_before_its_request_is_answered():
    world = measuring_world(tells=True)
    request = await settled(world, "restriction")
    assert "restriction" in {part.right for part in request.parts}
    assert any(one.to == "privacy@mailer.example" for one in world.mailer.sent)
    assert "applied" in happenings(await world.requests.history(request.id))


class Unsteady:
    """A bus that cannot be reached for a while, for word of changed limits alone."""

    def __init__(self, bus) -> None:
        self.bus, self.down = bus, True
        self.sent, self.waiting = bus.sent, bus.waiting

    async def send(self, commands, delay=None) -> None:
        if self.down and any(isinstance(one, ProcessingChanged) for one in commands):
            raise Transient("bus_unreachable")
        await self.bus.send(commands, delay)

    async def reach(self) -> None:
        await self.bus.reach()

    def deliver(self):
        return self.bus.deliver()

    def elapse(self, time) -> None:
        self.bus.elapse(time)


async def test_planning_stays_open_until_services_were_told_and_then_tells_them_of_each_handle_once():
    world = measuring_world()
    world.bus = unsteady = Unsteady(world.bus)
    request = await asked(world, rights=("restriction",), signed_in=True)
    await world.drain()
    await world.confirm_identity(request.id, code_of(world, request.id))
    plan = next(one for one in world.bus.deliver() if isinstance(one, PlanRequest))
    with pytest.raises(Transient):
        await world.plan_request(plan)
    assert (await now(world, request.id)).state is State.RECEIVED
    assert changes(world) == []
    unsteady.down = False
    await world.plan_request(plan)
    await world.plan_request(plan)
    told = changes(world)
    assert told
    assert len(set(told)) == len({handle for handle, _ in told}), "a repeat tells of no new version"
    assert {version for _, version in told} == {1}
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED


async def test_services_are_told_of_the_handles_that_a_look_up_answers():
    world = measuring_world()
    await settled(world, "restriction")
    asked_for = [await looked_up(world, "readers"), await of_account(world)]
    assert {(one.handle, one.version) for one in asked_for} <= set(changes(world))


async def test_no_identifier_goes_over_the_bus_or_into_a_log(caplog):
    world = measuring_world()
    with caplog.at_level(logging.DEBUG):
        request = await settled(world, "restriction", "objection", "withdraw_consent")
        await looked_up(world, "readers")
        await of_account(world)
    said = "\n".join([one.command.model_dump_json() for one in world.bus.sent] + [caplog.text])
    assert request.id in said
    for secret in (MIRA.email, MIRA.email.partition("@")[0], MIRA.object_id, MIRA.surname, CLIENT):
        assert secret not in said
    assert json.loads(world.bus.sent[0].command.model_dump_json())["request_id"] == request.id


async def test_handles_of_one_person_do_not_tell_that_they_are_one():
    world = measuring_world()
    first, second = await looked_up(world, "readers"), await of_account(world)
    third = await of_account(world, tenant=FABRIKAM)
    assert len({first.handle, second.handle, third.handle}) == 3
    assert CONTOSO not in second.handle
    assert await looked_up(world, "readers") == first


async def test_several_people_who_share_a_mailbox_can_take_back_what_was_given_from_it():
    world = measuring_world()
    world.store.drawers["memory", "users"].rows.append(
        {"tenant": CONTOSO, "oid": "dddddddd-0000-4000-8000-00000000000d", "mail": MIRA.email}
    )
    request = await asked(world, rights=("withdraw_consent",))
    await world.drain()
    await world.confirm_identity(request.id, code_of(world, request.id))
    await world.drain()
    assert "shared_address" in (await now(world, RequestId(request.id))).attention
    assert (await looked_up(world, "readers")).limits.withdrawals == ("news",)
