"""Codes: few tries, one use, an end, budgets, and a way out for whoever was not asked."""

import asyncio
from datetime import timedelta

import pytest
from asking import answered, asked, code_of, happenings, now
from builders import MIRA, TOM, memory_services

from shared.domain.errors import CodeRejected, Conflict, Gone, NotFound, StaleState, Transient
from shared.domain.request import RequestId
from shared.domain.states import State
from shared.messages.commands import SendCode

WRONG = "0000-0000"


async def test_a_code_proves_once():
    world = memory_services()
    request = await asked(world)
    token, session = await world.confirm_identity(request.id, code_of(world, request.id))
    assert world.references.session(token, world.clock()).request_id == session.request_id == request.id
    assert (await now(world, request.id)).state is State.RECEIVED
    with pytest.raises(Gone, match="code_used"):
        await world.confirm_identity(request.id, code_of(world, request.id))


async def test_every_wrong_code_costs_a_try_and_the_last_one_leaves_the_request_to_operators():
    world = memory_services(code_tries=3)
    request = await asked(world)
    await world.drain()
    left = []
    for _ in range(3):
        with pytest.raises(CodeRejected) as rejected:
            await world.confirm_identity(request.id, WRONG)
        left.append(rejected.value.tries_left)
    assert left == [2, 1, 0]
    ended = await now(world, request.id)
    assert (ended.state, ended.attention) == (State.IDENTITY_PENDING, ("proof_lapsed",))
    with pytest.raises(Gone, match="tries_spent"):
        await world.confirm_identity(request.id, code_of(world, request.id))
    await world.drain()
    assert "code" in world.mailer.sent[-1].text


async def test_a_try_costs_no_other_request_anything():
    world = memory_services(code_tries=1)
    mine, other = await asked(world), await asked(world, TOM)
    with pytest.raises(CodeRejected):
        await world.confirm_identity(mine.id, code_of(world, other.id))
    await world.confirm_identity(other.id, code_of(world, other.id))
    assert (await now(world, other.id)).state is State.RECEIVED


async def test_guesses_at_the_same_moment_are_each_counted():
    world = memory_services(code_tries=3)
    request = await asked(world)
    found = await asyncio.gather(*(world.confirm_identity(request.id, WRONG) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, CodeRejected) for one in found) <= 3
    assert not any(isinstance(one, tuple) for one in found)
    assert (await now(world, request.id)).verification.tries_left == 0


async def test_a_code_ends():
    world = memory_services()
    request = await asked(world)
    world.clock.advance(minutes=30)
    with pytest.raises(Gone, match="code_expired"):
        await world.confirm_identity(request.id, code_of(world, request.id))


async def test_a_codes_time_counts_from_its_mail():
    world = memory_services()
    request = await asked(world)
    world.clock.advance(minutes=29)
    await world.drain()
    world.clock.advance(minutes=29)
    await world.confirm_identity(request.id, code_of(world, request.id))


async def test_a_new_code_voids_the_one_before():
    world = memory_services()
    request = await asked(world)
    await world.resend_code(request.id)
    with pytest.raises(CodeRejected):
        await world.confirm_identity(request.id, code_of(world, request.id, 1))
    await world.confirm_identity(request.id, code_of(world, request.id, 2))


async def test_an_overtaken_code_is_not_mailed():
    world = memory_services()
    request = await asked(world)
    await world.resend_code(request.id)
    await world.drain()
    (mail,) = world.mailer.sent
    assert code_of(world, request.id, 2)[:4] in mail.text


async def test_codes_are_given_a_number_of_times_only():
    world = memory_services(codes_per_request=2)
    request = await asked(world)
    await world.resend_code(request.id)
    with pytest.raises(Conflict, match="codes_spent"):
        await world.resend_code(request.id)


async def test_a_request_without_an_address_has_no_codes():
    world = memory_services()
    request = await asked(world, signed_in=True, email=False)
    with pytest.raises(Conflict, match="no_address"):
        await world.resend_code(request.id)
    with pytest.raises(Conflict, match="no_code_asked"):
        await world.confirm_identity(request.id, WRONG)


async def test_a_request_that_is_not_there_is_not_found():
    world = memory_services()
    with pytest.raises(NotFound):
        await world.confirm_identity(RequestId("00000000-0000-4000-8000-00000000dead"), WRONG)


async def test_a_proof_that_never_came_lapses_with_a_notice_and_can_be_asked_anew():
    world = memory_services()
    request = await asked(world)
    await world.drain()
    await world.sweep(days=7)
    lapsed = await now(world, request.id)
    assert (lapsed.state, lapsed.attention) == (State.IDENTITY_PENDING, ("proof_lapsed",))
    await world.drain()
    assert len(world.mailer.sent) == 2
    for _ in range(3):
        await world.sweep(days=2)
        await world.drain()
    assert len(world.mailer.sent) == 2
    again = await world.resend_code(request.id)
    assert (again.state, again.attention) == (State.IDENTITY_PENDING, ())
    await world.drain()
    await world.sweep(minutes=4)
    await world.confirm_identity(request.id, code_of(world, request.id, 2))
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED


async def test_a_running_code_keeps_a_request_from_lapsing():
    world = memory_services()
    request = await asked(world)
    world.clock.advance(days=6, hours=23, minutes=50)
    await world.resend_code(request.id)
    await world.drain()
    await world.sweep(minutes=10)
    assert (await now(world, request.id)).attention == ()
    await world.sweep(minutes=30)
    assert (await now(world, request.id)).attention == ("proof_lapsed",)


async def test_whoever_was_not_asked_ends_the_request_by_the_code():
    world = memory_services()
    request = await asked(world)
    with pytest.raises(CodeRejected):
        await world.confirm_identity.disown(request.id, WRONG)
    await world.confirm_identity.disown(request.id, code_of(world, request.id))
    ended = await now(world, request.id)
    assert (ended.state, ended.reason) == (State.WITHDRAWN, "disowned")
    with pytest.raises(Gone):
        await world.confirm_identity(request.id, code_of(world, request.id))
    with pytest.raises(Conflict):
        await world.resend_code(request.id)
    await world.drain()
    assert world.mailer.sent == []


async def test_a_fresh_proof_of_an_answered_request_changes_nothing_else():
    world = memory_services()
    request = await answered(world)
    await world.resend_code(request.id)
    await world.drain()
    _, session = await world.confirm_identity(request.id, code_of(world, request.id, 2))
    assert session.proven_at == world.clock()
    after = await now(world, request.id)
    assert (after.state, after.export) == (request.state, request.export)
    assert happenings(await world.requests.history(request.id))[-1] == "proof_renewed"


async def test_an_address_gets_a_number_of_codes_and_the_next_waits_for_the_window():
    world = memory_services(codes_per_address=2)
    requests = [await asked(world) for _ in range(3)]
    await world.drain()
    assert len(world.mailer.sent) == 2
    (waiting,) = world.bus.waiting
    assert isinstance(waiting.command, SendCode)
    world.clock.advance(hours=1)
    world.bus.elapse(timedelta(hours=1))
    await world.drain()
    assert len(world.mailer.sent) == 3
    assert {mail.to for mail in world.mailer.sent} == {MIRA.email}
    assert {(await now(world, one.id)).state for one in requests} == {State.IDENTITY_PENDING}


async def test_codes_over_the_budget_wait_once_however_often_the_sweep_comes_by():
    world = memory_services(codes_per_address=1)
    for _ in range(3):
        await asked(world)
    await world.drain()
    for _ in range(9):
        await world.sweep(minutes=3)
        await world.drain()
    assert len(world.bus.waiting) == 2
    for _ in range(40):
        await world.sweep(minutes=3)
        await world.drain()
    assert len(world.mailer.sent) == 3
    assert world.bus.waiting == []


async def test_nobody_gets_more_notices_in_others_names_than_codes():
    world = memory_services(codes_per_address=2, code_tries=1, intake_per_caller=100)
    for number in range(6):
        request = await asked(world, signed_in=number % 2 == 0)
        await world.drain()
        if number % 2:
            with pytest.raises(CodeRejected):
                await world.confirm_identity(request.id, WRONG)
        else:
            await world.withdraw_request(MIRA.caller(), request.id)
        await world.drain()
    assert len(world.mailer.sent) == 4


async def test_a_code_that_is_still_to_be_mailed_keeps_a_request_from_lapsing_even_when_the_bus_is_emptied():
    world = memory_services()
    request = await asked(world)
    await world.drain()
    await world.sweep(days=7)
    await world.drain()
    await world.resend_code(request.id)
    world.bus.waiting.clear()
    await world.sweep(minutes=4)
    await world.drain()
    assert "code" in world.mailer.sent[-1].subject
    assert len(world.mailer.sent) == 3
    await world.confirm_identity(request.id, code_of(world, request.id, 2))
    assert (await now(world, request.id)).state is State.RECEIVED


async def test_asking_for_a_code_of_no_request_leaves_nothing_behind():
    world = memory_services()
    with pytest.raises(NotFound):
        await world.resend_code(RequestId("00000000-0000-4000-8000-00000000dead"))
    assert await world.sweep(hours=1) == 0


async def test_a_domain_gets_a_number_of_codes():
    world = memory_services(codes_per_domain=1)
    await asked(world)
    await asked(world, TOM)
    await world.drain()
    assert len(world.mailer.sent) == 1


async def test_statutory_mail_knows_no_budget():
    world = memory_services(codes_per_address=1)
    for _ in range(3):
        request = await asked(world)
        await world.confirm_identity(request.id, code_of(world, request.id))
    await world.drain()
    answers = [mail for mail in world.mailer.sent if "code" not in mail.subject]
    assert len(answers) == 3


async def test_a_mail_system_that_is_down_for_a_while_costs_nobody_their_code():
    class Down:
        def __init__(self, inner, times):
            self.inner, self.times, self.sent = inner, times, inner.sent

        async def send(self, mail):
            self.times -= 1
            if self.times >= 0:
                raise Transient("mail_down")
            await self.inner.send(mail)

    world = memory_services()
    world.mailer = Down(world.mailer, 8)
    request = await asked(world)
    for _ in range(9):
        await world.drain()
        await world.sweep(minutes=4)
    await world.drain()
    assert len(world.mailer.sent) == 1
    assert happenings(await world.requests.history(request.id)) == ["submitted", "code_delayed", "notified"]


async def test_two_moves_at_once_are_both_made_and_a_store_that_never_rests_says_so():
    world = memory_services()
    request = await asked(world)
    await asyncio.gather(world.resend_code(request.id), world.resend_code(request.id))
    assert (await now(world, request.id)).verification.issue == 3

    class Restless(type(world.requests)):
        async def commit(self, move):
            raise StaleState(move.request.id)

    world.requests.__class__ = Restless
    with pytest.raises(StaleState):
        await world.confirm_identity(request.id, WRONG)
