"""Duplicates: the same person, rights and details, verified, and still worked on; exactly one is the first."""

import asyncio

import pytest
from asking import asked, code_of, now, proven
from builders import FABRIKAM, MIRA, NAMESAKE, TOM, Person, memory_services, put, user_row
from deciding_world import FIRST, waiting

from shared.domain.ask import Ask
from shared.domain.states import State


async def twice(world, person=MIRA):
    """Two requests for the same, both proven before either was worked on."""
    first = await asked(world, person)
    world.clock.advance(minutes=5)
    both = [first, await asked(world, person)]
    await world.drain()
    for request in both:
        await world.confirm_identity(request.id, code_of(world, request.id))
    await world.drain()
    return both


async def test_the_same_asked_again_is_joined_and_the_person_told():
    world = memory_services()
    first, second = await twice(world)
    joined = await now(world, second.id)
    assert (joined.state, joined.joined_to, joined.first_asked_at) == (State.JOINED, first.id, first.received_at)
    assert (await now(world, first.id)).state is State.COMPLETED
    assert joined.told[-1].notice == "joined"
    assert any(first.id in mail.text and second.id in mail.text for mail in world.mailer.sent)


async def test_nothing_is_joined_or_told_before_the_proof():
    world = memory_services()
    await proven(world)
    await world.drain()
    mails = len(world.mailer.sent)
    unproven = await asked(world)
    await world.drain()
    assert (await now(world, unproven.id)).state is State.IDENTITY_PENDING
    assert len(world.mailer.sent) == mails + 1


async def test_of_many_at_once_exactly_one_is_the_first():
    world = memory_services()
    requests = [await asked(world) for _ in range(5)]
    for request in requests:
        await world.confirm_identity(request.id, code_of(world, request.id))
    commands = [one for one in world.bus.deliver() if one.kind == "plan_request"]
    assert len(commands) == 5
    await asyncio.gather(*(world.deliver(command) for command in commands))
    states = [(await now(world, request.id)).state for request in requests]
    assert (states.count(State.JOINED), states.count(State.COLLECTING)) == (4, 1)
    first = requests[states.index(State.COLLECTING)].id
    assert {(await now(world, one.id)).joined_to for one in requests} == {None, first}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"rights": ("access",)}, {"rights": ("erasure",)}, id="another right"),
        pytest.param({"rights": ("access",)}, {"rights": ("access", "erasure")}, id="one right more"),
        pytest.param({"person": MIRA}, {"person": TOM}, id="another person"),
        pytest.param({"person": MIRA}, {"person": NAMESAKE}, id="a namesake"),
        pytest.param({"signed_in": True}, {"signed_in": False}, id="by sign-in and by address, which opens less"),
    ],
)
async def test_what_differs_is_not_joined(first, second):
    world = memory_services()
    await proven(world, **first)
    for command in world.bus.deliver():
        await world.deliver(command)
    other = await proven(world, **second)
    await world.drain()
    assert (await now(world, other.id)).joined_to is None


async def test_the_same_right_with_other_details_is_not_joined():
    world = memory_services()
    await waiting(world, details={"complaint": Ask(statement="You told somebody else about me")})
    same = await waiting(world, details={"complaint": Ask(statement="You told somebody else about me")})
    other = await waiting(world, details={"complaint": Ask(statement="You never answered")})
    assert (same.state, other.state) == (State.JOINED, State.DECIDING)


async def test_what_was_answered_can_be_asked_again():
    world = memory_services()
    for _ in range(3):
        request = await proven(world)
        await world.drain()
        assert (await now(world, request.id)).state is State.COMPLETED


async def test_a_withdrawn_request_is_joined_by_nobody():
    world = memory_services()
    first = await waiting(world)
    await world.withdraw_request(MIRA.caller(), first.id)
    assert (await waiting(world)).state is State.DECIDING


async def test_planning_again_does_not_join_a_request_to_itself():
    world = memory_services()
    request = await waiting(world)
    await world.clarifying.ask(FIRST, request.id, "What do you mean by that?")
    await world.clarifying.answer(MIRA.caller(), request.id, "This")
    await world.drain()
    assert (await now(world, request.id)).state is State.DECIDING


async def test_details_made_clear_later_let_the_first_words_be_asked_again():
    world = memory_services()
    request = await waiting(world)
    await world.clarifying.ask(FIRST, request.id, "What do you mean by that?")
    await world.clarifying.answer(MIRA.caller(), request.id, "This", {"complaint": Ask(statement="Rather this")})
    await world.drain()
    assert (await waiting(world)).state is State.DECIDING
    assert (await waiting(world, details={"complaint": Ask(statement="Rather this")})).state is State.JOINED


async def test_a_person_of_two_tenants_is_one_person():
    world = memory_services()
    put(world.store, "users", user_row(MIRA, tenant=FABRIKAM, oid="dddddddd-0000-4000-8000-00000000000d"))
    _, second = await twice(world)
    assert (await now(world, second.id)).state is State.JOINED


async def test_who_is_known_nowhere_asks_twice_too():
    world = memory_services()
    stranger = Person(given="N", surname="N", email="nobody@elsewhere.example")
    _, second = await twice(world, stranger)
    assert (await now(world, second.id)).state is State.JOINED


async def test_the_turn_says_nothing_of_who_it_is_or_what_was_asked():
    world = memory_services()
    await waiting(world, details={"complaint": Ask(statement="You told somebody else about me")})
    [key] = [one for one in world.turns.held if one.startswith("asked.")]
    assert len(key) == len("asked.") + 64


async def test_an_ordinary_request_pays_one_operation():
    world = memory_services()
    calls = []
    for name in ("take", "leave"):
        inner = getattr(world.turns, name)

        async def counted(*given, inner=inner, name=name):
            calls.append((name, given[0][:6]))
            return await inner(*given)

        setattr(world.turns, name, counted)
    await proven(world)
    await world.drain()
    assert [one for one in calls if one[1] == "asked."] == [("take", "asked.")]
