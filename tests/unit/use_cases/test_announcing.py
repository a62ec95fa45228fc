"""Every request and every delivery is announced to whoever it may have been made in the name of."""

import re
from uuid import UUID

import pytest
from asking import answered, asked, now
from builders import MIRA
from takeovers import OLD, announced_to, codes_to, guarded_services, second_code, told

from shared.domain.states import State
from shared.messages.commands import PlanRequest, SendNotice


async def signed_in(world, **how):
    request = await asked(world, signed_in=True, email=False, **how)
    await world.drain()
    return await now(world, request.id)


async def test_a_request_made_by_sign_in_is_announced_to_the_address_on_record():
    world = guarded_services()
    request = await signed_in(world)
    (text,) = announced_to(world, MIRA.email)
    assert world.references.stop_secret(request.id) in text
    assert request.state is State.COMPLETED


@pytest.mark.parametrize("right", ["restriction", "erasure"])
async def test_whatever_is_asked_is_announced(right):
    world = guarded_services()
    await signed_in(world, rights=(right,))
    assert len(announced_to(world, MIRA.email)) == 1


async def test_where_the_one_address_known_has_just_proved_itself_nothing_is_announced():
    world = guarded_services()
    request = await answered(world)
    assert request.state is State.COMPLETED
    assert announced_to(world, MIRA.email) == []


async def test_the_address_before_a_change_hears_of_the_request_and_of_the_delivery_without_a_link_to_it():
    world = guarded_services()
    await told(world, "address_changed", previousAddress=OLD, address=MIRA.email, days_ago=40)
    request = await answered(world)
    assert request.state is State.COMPLETED
    asked_for, delivered = announced_to(world, OLD)
    secret = world.references.link_secret(request.id, request.export.link_issue)
    assert any(secret in mail.text for mail in world.mailer.sent if mail.to == MIRA.email)
    for text in (asked_for, delivered):
        assert world.references.stop_secret(request.id) in text
        assert secret not in text
        assert request.export.id not in text
        assert MIRA.email not in text
    assert asked_for != delivered


async def test_after_a_second_proof_the_previous_address_hears_of_both_too():
    world = guarded_services()
    await told(world, "address_changed", previousAddress=OLD, address=MIRA.email)
    request = await signed_in(world)
    assert announced_to(world, OLD) == []
    assert len(codes_to(world, OLD)) == 1
    await world.confirm_identity(request.id, await second_code(world, request))
    await world.drain()
    assert len(announced_to(world, OLD)) == 2


async def test_a_delivery_sent_twice_is_announced_under_the_same_message_ids():
    world = guarded_services()
    await told(world, "address_changed", previousAddress=OLD, address=MIRA.email, days_ago=40)
    request = await answered(world)
    before = {(mail.key, mail.to) for mail in world.mailer.sent}
    assert len(before) == len(world.mailer.sent)
    await world.send_notice(SendNotice(request_id=UUID(request.id), notice="answered"))
    assert {(mail.key, mail.to) for mail in world.mailer.sent} == before


async def test_a_request_that_is_planned_again_is_announced_once():
    world = guarded_services()
    request = await asked(world, signed_in=True, email=False)
    command = PlanRequest(request_id=UUID(request.id))
    await world.drain()
    await world.plan_request(command)
    await world.drain()
    assert len(announced_to(world, MIRA.email)) == 1


async def test_the_link_carries_its_secret_in_the_fragment_alone():
    world = guarded_services()
    request = await signed_in(world)
    (text,) = announced_to(world, MIRA.email)
    (link,) = set(re.findall(rf"\S+/{request.id}/stop\S*", text))
    place, _, secret = link.partition("#")
    assert world.references.is_stop_secret(request.id, secret)
    assert secret not in place
