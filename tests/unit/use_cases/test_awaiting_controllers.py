"""A customer that keeps silent is reminded, then others are asked, and the person hears whose silence it was."""

from datetime import timedelta
from uuid import UUID

import pytest
from asking import happenings, now
from builders import CONTOSO, FABRIKAM, MIRA
from customers import administrator, customer, mixed_world, split

from shared.domain.errors import Permanent
from shared.domain.states import State
from shared.domain.tenant import Delegation
from shared.messages.commands import SendNotice
from shared.messages.tenant_inputs import DecideCase

CONTACT, IT, PARTNER = "privacy@contoso.example", "it@contoso.example", "desk@partner.example"
DESK = "privacy@spinpanel.example"


async def forwarded(world=None, **more):
    """A world with one case that waits for its customer."""
    world = world or mixed_world()
    partner = Delegation(
        kind="partner", tenant=FABRIKAM, until=world.clock() + timedelta(days=365), contacts=(PARTNER,)
    )
    await world.tenants.write(customer(CONTOSO, others=(IT,), delegations=(partner,), **more), None)
    _, [case] = await split(world)
    return world, case


async def days(world, number):
    """Let days pass, an hour at a time where it matters: the sweep, and what it sends."""
    await world.sweep(days=number)
    await world.drain()
    await world.sweep(minutes=5)
    await world.drain()


def to(world, address):
    return [one.subject for one in world.mailer.sent if one.to == address]


async def test_the_customer_is_asked_at_once_and_the_person_told():
    world, case = await forwarded()
    assert len(to(world, CONTACT)) == 1
    assert case.id in next(one.text for one in world.mailer.sent if one.to == CONTACT)
    assert {one.notice for one in case.told} == {"controller_asked", "forwarded"}


async def test_silence_climbs_a_rung_at_a_time_and_never_approves():
    world, case = await forwarded()
    heard = []
    for number in (7, 7, 4, 3):
        await days(world, number)
        heard.append([len(to(world, address)) for address in (CONTACT, IT, PARTNER, DESK)])
    assert heard == [[2, 0, 0, 0], [2, 1, 0, 0], [2, 1, 1, 0], [2, 1, 1, 1]]
    after = await now(world, case.id)
    assert after.state is State.FORWARDED
    assert "controller_late" in after.attention


async def test_each_rung_is_taken_once_however_often_somebody_looks():
    world, case = await forwarded()
    await days(world, 7)
    for _ in range(5):
        await world.sweep(hours=2)
        await world.drain()
    assert happenings(await world.requests.history(case.id)).count("controller_reminded") == 1
    assert len(to(world, CONTACT)) == 2


async def test_a_sweep_that_comes_late_takes_every_rung_before_it_gives_up():
    world, case = await forwarded()
    for number in (29, 0, 0, 0):
        await days(world, number)
    case = await now(world, case.id)
    assert case.state is State.FORWARDED
    told = {one.notice for one in case.told}
    assert {"controller_reminder", "controller_others", "controller_partner", "operator_alert"} <= told


async def test_at_the_due_date_the_person_hears_that_nobody_answered():
    world, case = await forwarded(may_name_controller=True)
    await days(world, 29)
    await days(world, 2)
    after = await now(world, case.id)
    assert (after.state, after.reason) == (State.UNANSWERED, "controller_silent")
    text = next(one.text for one in reversed(world.mailer.sent) if one.to == MIRA.email)
    assert "Contoso Ltd." in text
    assert CONTACT in text
    assert "https://ap.example" in text or "AP" in text
    assert after.export is None


@pytest.mark.parametrize(("named", "there"), [(True, True), (False, False)])
async def test_the_controller_is_named_only_where_its_terms_let_us(named, there):
    world, _ = await forwarded(may_name_controller=named)
    [text] = [one.text for one in world.mailer.sent if one.to == MIRA.email and "Contoso" in one.text] or [""]
    assert ("Contoso Ltd." in text) is there


async def test_a_decision_after_the_due_date_still_counts():
    world, case = await forwarded()
    await days(world, 29)
    await days(world, 2)
    assert (await now(world, case.id)).state is State.UNANSWERED
    await world.controller_cases.decide(administrator(), CONTOSO, case.id, DecideCase(outcome="granted"))
    await world.drain()
    assert (await now(world, case.id)).state is State.COMPLETED


async def test_operators_hear_of_a_customer_that_could_not_be_asked_within_a_working_day():
    world = mixed_world()
    send = world.mailer.send

    async def refuses(mail):
        if mail.to == CONTACT:
            raise Permanent("mail_refused_550")
        await send(mail)

    world.mailer.send = refuses
    world, case = await forwarded(world)
    assert "controller_unreached" in case.attention
    assert not {"mail_refused", "no_address"} & set(case.attention)
    await days(world, 2)
    after = await now(world, case.id)
    assert "controller_unasked" in after.attention
    assert len(to(world, DESK)) == 1


async def test_a_tenant_that_becomes_known_is_asked():
    world = mixed_world()
    _, [case] = await split(world)
    assert len(to(world, DESK)) == 1
    await world.tenants.write(customer(CONTOSO), None)
    await world.sweep(hours=2)
    await world.drain()
    after = await now(world, case.id)
    assert len(to(world, CONTACT)) == 1
    assert "controller_unknown" not in after.attention


async def test_mail_to_a_customer_names_nobody_and_repeats_no_word():
    world, case = await forwarded()
    for number in (7, 7, 4, 3):
        await days(world, number)
    inside = [one for one in world.mailer.sent if one.to in {CONTACT, IT, PARTNER, DESK}]
    assert len(inside) == 5
    for one in inside:
        for mark in (MIRA.email, MIRA.surname, MIRA.given, MIRA.object_id, case.origin):
            assert mark not in f"{one.subject} {one.text} {one.html}"


async def test_two_mailboxes_get_a_mail_each_and_a_repeat_is_the_same_mail():
    world = mixed_world()
    await world.tenants.write(customer(CONTOSO, contacts=(CONTACT, IT)), None)
    _, [case] = await split(world)
    first = [one.key for one in world.mailer.sent if one.to in {CONTACT, IT}]
    assert len(set(first)) == 2
    await world.deliver(SendNotice(request_id=UUID(case.id), notice="controller_asked"))
    assert [one.key for one in world.mailer.sent if one.to in {CONTACT, IT}] == first
