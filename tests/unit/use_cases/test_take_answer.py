"""An answer from outside: taken once, sealed, by the token of its task alone, and never an empty one."""

from uuid import UUID

import pytest
from builders import NOBODY, memory_services
from waiting_tasks import KEY, REQUEST, TASK, task_of, waiting

from shared.domain.errors import Gone, InvalidInput, NotFound, StaleState, TooMany
from shared.domain.service_task import TaskState
from shared.domain.states import State
from shared.messages.inputs import TaskOutcome

DONE = TaskOutcome.model_validate({"status": "done", "datasets": [{"id": "subs", "count": 2, "remaining": 0}]})
FAILED = TaskOutcome(status="failed", code="no_such_job")


async def told(world, outcome=DONE, attempt=1, task_id=TASK):
    token = world.references.callback_token(REQUEST, KEY, attempt)
    await world.take_answer(NOBODY, task_id, token, outcome)


@pytest.mark.parametrize("outcome", [DONE, FAILED], ids=["done", "failed"])
async def test_an_answer_is_kept_sealed_and_its_task_goes_on(outcome):
    world = await waiting(memory_services())
    await told(world, outcome)
    task = await task_of(world)
    assert (task.state, task.look_at, task.chunk) == (TaskState.PENDING, None, 3)
    seal = await world.keys.of(REQUEST)
    assert TaskOutcome.model_validate_json(seal.unlock(task.answer)) == outcome
    assert b"subs" not in task.answer
    (sent,) = [one.command for one in world.bus.sent]
    assert (sent.request_id, sent.task, sent.lane, sent.chunk) == (UUID(REQUEST), KEY, "vendor", 3)


@pytest.mark.parametrize("attempt", [0, 1, 400])
async def test_the_token_of_any_attempt_counts_as_long_as_the_task_is_open(attempt):
    world = await waiting(memory_services())
    world.clock.advance(days=19)
    await told(world, attempt=attempt)
    assert (await task_of(world)).answer is not None


async def test_the_same_answer_again_changes_nothing():
    world = await waiting(memory_services())
    await told(world)
    before = await task_of(world)
    await told(world)
    assert await task_of(world) == before
    assert len({sent.command.message_id for sent in world.bus.sent}) == 1


async def test_another_answer_has_to_wait_for_the_first():
    world = await waiting(memory_services())
    await told(world)
    before = await task_of(world)
    with pytest.raises(StaleState):
        await told(world, FAILED)
    assert await task_of(world) == before


async def test_an_answer_that_overtakes_the_step_that_asked_for_it_is_to_come_again():
    world = await waiting(memory_services(), TaskState.PENDING)
    with pytest.raises(StaleState):
        await told(world)
    assert (await task_of(world)).answer is None


@pytest.mark.parametrize(
    ("state", "reason"),
    [(TaskState.DONE, None), (TaskState.FAILED, "time_limit"), (TaskState.MANUAL, "no_evidence")],
)
async def test_an_answer_that_comes_late_is_refused(state, reason):
    world = await waiting(memory_services(), state, reason=reason)
    before = await task_of(world)
    with pytest.raises(Gone, match="task_ended"):
        await told(world)
    assert await task_of(world) == before
    assert world.bus.sent == []


async def test_an_answer_that_took_too_long_counts_until_an_operator_closed_the_task():
    world = await waiting(memory_services(), TaskState.MANUAL, reason="time_limit")
    await told(world)
    task = await task_of(world)
    assert (task.state, task.reason) == (TaskState.PENDING, None)
    assert task.answer is not None


async def test_an_answer_about_a_request_that_ended_is_refused():
    world = await waiting(memory_services(), request_state=State.WITHDRAWN)
    with pytest.raises(Gone, match="task_ended"):
        await told(world)


async def test_an_answer_that_is_empty_is_no_evidence_and_recorded_nowhere():
    world = await waiting(memory_services())
    before = await task_of(world)
    with pytest.raises(InvalidInput, match="datasets"):
        await told(world, TaskOutcome(status="done"))
    assert await task_of(world) == before
    assert world.bus.sent == []


WRONG = [
    pytest.param("", id="none"),
    pytest.param("c1", id="half"),
    pytest.param(f"c1.1.{'0' * 64}", id="made up"),
    pytest.param("s1.1.x", id="another kind"),
    pytest.param("c1.ünïcode.ß", id="not ascii"),
]


@pytest.mark.parametrize("token", WRONG)
async def test_a_wrong_token_finds_nothing(token):
    world = await waiting(memory_services())
    with pytest.raises(NotFound):
        await world.take_answer(NOBODY, TASK, token, DONE)
    assert (await task_of(world)).state is TaskState.WAITING


async def test_a_token_is_of_one_task_of_one_request():
    world = await waiting(memory_services())
    right = world.references.callback_token(REQUEST, KEY, 1)
    others = [
        world.references.callback_token(REQUEST, "erase-0.0.other", 1),
        world.references.callback_token(REQUEST.replace("3f", "4f"), KEY, 1),
        right.replace("c1.1.", "c1.2."),
        f"{right} ",
    ]
    for token in others:
        with pytest.raises(NotFound):
            await world.take_answer(NOBODY, TASK, token, DONE)
    await world.take_answer(NOBODY, TASK, right, DONE)
    assert (await task_of(world)).state is TaskState.PENDING


@pytest.mark.parametrize("task_id", ["", "x", REQUEST, f"{REQUEST}.", f"{TASK}/..", TASK.upper(), f"{TASK}.more"])
async def test_what_names_no_task_finds_nothing(task_id):
    world = await waiting(memory_services())
    with pytest.raises(NotFound):
        await told(world, task_id=task_id)


async def test_a_network_that_guesses_has_to_wait_and_a_vendor_beside_it_does_not():
    world = await waiting(memory_services(intake_per_network=3))
    for _ in range(3):
        with pytest.raises(NotFound):
            await world.take_answer(NOBODY, TASK, "c1.1.guess", DONE)
    with pytest.raises(TooMany):
        await world.take_answer(NOBODY, TASK, "c1.1.guess", DONE)
    await told(world)
    assert (await task_of(world)).state is TaskState.PENDING
