"""Questions to a person: sealed, prompt ones stop the clock, and an answer has the request planned again."""

from datetime import timedelta

import pytest
from asking import asked, code_of, happenings, now, proven
from builders import MIRA, NOBODY, TOM, Caller, memory_services, session_of
from deciding_world import FIRST, waiting

from shared.domain.ask import Ask
from shared.domain.errors import Conflict, InvalidInput, NotFound, NotSignedIn
from shared.domain.request import Pause
from shared.domain.states import State

QUESTION = "Which of your mailboxes do you mean?"
ANSWER = "The one in Utrecht"


def of_session(world, request_id):
    session = world.references.session(session_of(world, request_id), world.clock())
    return Caller(network="n-1", session=session)


async def in_collecting(world):
    request = await proven(world)
    for command in world.bus.deliver():
        await world.deliver(command)
    request = await now(world, request.id)
    assert request.state is State.COLLECTING
    return request


async def test_a_prompt_question_about_a_copy_stops_the_clock_until_it_is_answered():
    world = memory_services()
    request = await in_collecting(world)
    world.clock.advance(days=2)
    asking = await world.clarifying.ask(FIRST, request.id, QUESTION)
    assert (asking.state, asking.public) == (State.CLARIFYING, "clarification_pending")
    assert asking.pauses == (Pause(reason="clarification", asked_at=world.clock()),)
    assert asking.due_at == request.due_at
    await world.drain()
    assert QUESTION in world.mailer.sent[-1].text
    world.clock.advance(days=7)
    answered = await world.clarifying.answer(of_session(world, request.id), request.id, ANSWER)
    assert answered.state is State.RECEIVED
    assert answered.due_at == request.due_at + timedelta(days=7)
    await world.drain()
    await world.sweep(minutes=4)
    await world.drain()
    after = await now(world, request.id)
    assert after.state is State.COMPLETED


async def test_an_answer_plans_again_under_a_message_of_its_own():
    world = memory_services()
    request = await in_collecting(world)
    await world.clarifying.ask(FIRST, request.id, QUESTION)
    await world.clarifying.answer(of_session(world, request.id), request.id, ANSWER)
    planned = [one.command.message_id for one in world.bus.sent if one.command.kind == "plan_request"]
    assert len(planned) == len(set(planned)) == 2, "the bus takes what has the id of a message it has seen for that one"


async def test_the_index_by_due_day_follows_a_pause():
    world = memory_services()
    request = await in_collecting(world)
    await world.clarifying.ask(FIRST, request.id, QUESTION)
    world.clock.advance(days=7)
    answered = await world.clarifying.answer(of_session(world, request.id), request.id, ANSWER)
    found, _ = await world.deadlines.between(world.clock(), world.clock() + timedelta(days=90), 50)
    assert list(found) == [request.id]
    found, _ = await world.deadlines.between(answered.due_at, answered.due_at, 50)
    assert list(found) == [request.id]


async def test_a_late_question_stops_no_clock_and_is_marked():
    world = memory_services()
    request = await in_collecting(world)
    world.clock.advance(days=4)
    asking = await world.clarifying.ask(FIRST, request.id, QUESTION)
    assert (asking.pauses, asking.attention) == ((), ("asked_late",))
    world.clock.advance(days=5)
    answered = await world.clarifying.answer(of_session(world, request.id), request.id, ANSWER)
    assert answered.due_at == request.due_at


async def test_a_question_about_anything_but_a_copy_stops_no_clock():
    world = memory_services()
    request = await waiting(world)
    assert (await world.clarifying.ask(FIRST, request.id, QUESTION)).pauses == ()
    world.clock.advance(days=2)
    answered = await world.clarifying.answer(MIRA.caller(), request.id, ANSWER)
    assert answered.due_at == request.due_at
    await world.drain()
    assert (await now(world, request.id)).state is State.DECIDING


async def test_question_and_answer_lie_sealed_and_are_shown_to_whoever_decides():
    world = memory_services()
    request = await waiting(world)
    asking = await world.clarifying.ask(FIRST, request.id, QUESTION)
    assert (await world.clarifying.question(MIRA.caller(), request.id)).text == QUESTION
    answered = await world.clarifying.answer(MIRA.caller(), request.id, ANSWER)
    for row in (asking, answered):
        assert QUESTION.encode() not in row.dossier
        assert QUESTION not in row.model_dump_json(exclude={"dossier"})
    shown = await world.reading_asks(FIRST, request.id)
    assert [(one.text, one.answer) for one in shown.questions] == [(QUESTION, ANSWER)]


async def test_an_answer_can_say_what_exactly_is_asked():
    world = memory_services()
    request = await in_collecting(world)
    await world.clarifying.ask(FIRST, request.id, QUESTION)
    caller = of_session(world, request.id)
    with pytest.raises(InvalidInput):
        await world.clarifying.answer(caller, request.id, ANSWER, {"erasure": Ask()})
    await world.clarifying.answer(caller, request.id, ANSWER, {"access": Ask(datasets=("tickets",))})
    dossier = await world.dossiers.of(await now(world, request.id))
    assert dossier.ask("access").datasets == ("tickets",)


async def test_whoever_lost_their_session_proves_the_address_anew_and_answers():
    world = memory_services()
    request = await in_collecting(world)
    await world.clarifying.ask(FIRST, request.id, QUESTION)
    world.clock.advance(days=1)
    await world.resend_code(request.id)
    token, session = await world.confirm_identity(request.id, code_of(world, request.id, 2))
    assert token.startswith("s1.")
    answered = await world.clarifying.answer(Caller(network="n-1", session=session), request.id, ANSWER)
    assert answered.state is State.RECEIVED


@pytest.mark.parametrize(("caller", "error"), [(NOBODY, NotSignedIn), (TOM.caller(), NotFound)])
async def test_nobody_else_answers_or_reads_the_question(caller, error):
    world = memory_services()
    request = await waiting(world)
    await world.clarifying.ask(FIRST, request.id, QUESTION)
    with pytest.raises(error):
        await world.clarifying.answer(caller, request.id, ANSWER)
    with pytest.raises(error):
        await world.clarifying.question(caller, request.id)


async def test_nothing_is_answered_that_was_not_asked_and_nothing_asked_twice_at_once():
    world = memory_services()
    request = await waiting(world)
    with pytest.raises(Conflict, match="nothing_asked"):
        await world.clarifying.question(MIRA.caller(), request.id)
    with pytest.raises(Conflict, match="not_while_in_progress"):
        await world.clarifying.answer(MIRA.caller(), request.id, ANSWER)
    await world.clarifying.ask(FIRST, request.id, QUESTION)
    with pytest.raises(Conflict, match="not_while_clarification_pending"):
        await world.clarifying.ask(FIRST, request.id, QUESTION)
    await world.clarifying.answer(MIRA.caller(), request.id, ANSWER)
    with pytest.raises(Conflict):
        await world.clarifying.answer(MIRA.caller(), request.id, ANSWER)


async def test_nobody_is_asked_to_be_clear_before_they_proved_who_they_are():
    world = memory_services()
    request = await asked(world)
    with pytest.raises(Conflict):
        await world.clarifying.ask(FIRST, request.id, QUESTION)


async def test_an_unanswered_question_does_not_hold_the_request_for_ever():
    world = memory_services()
    request = await waiting(world)
    await world.clarifying.ask(FIRST, request.id, QUESTION)
    await world.drain()
    for _ in range(30):
        await world.sweep(days=1)
        await world.drain()
    after = await now(world, request.id)
    assert after.state is State.CLARIFYING
    assert "at_risk" in after.attention
    await world.withdraw_request(MIRA.caller(), request.id)
    assert happenings(await world.requests.history(request.id))[-1] == "withdrawn"
