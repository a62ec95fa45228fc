"""Where vendors call back: what they hear, and that nothing of what they sent comes back or is logged."""

import logging

import pytest
from builders import memory_services
from checked import CANARY, call
from waiting_tasks import KEY, REQUEST, TASK, task_of, waiting

from shared.domain.service_task import TaskState

DONE = {"status": "done", "datasets": [{"id": "subs", "count": 2, "remaining": 0}]}


async def told(world, body=None, *, token=None, task_id=TASK, **headers):
    given = world.references.callback_token(REQUEST, KEY, 1) if token is None else token
    return await call(
        "callback_take",
        "POST",
        f"/api/v1/callbacks/{task_id}",
        body=DONE if body is None else body,
        headers={"X-Privacy-Callback": given} | headers,
        task_id=task_id,
    )


async def test_an_answer_is_taken_without_a_word_and_a_repeat_too():
    world = await waiting(memory_services())
    for _ in range(2):
        answer = await told(world)
        assert (answer.status, answer.text) == (204, "")
    assert (await task_of(world)).state is TaskState.PENDING


async def test_a_late_answer_hears_that_the_task_has_ended():
    world = await waiting(memory_services(), TaskState.DONE)
    answer = await told(world)
    assert (answer.status, answer.json["code"]) == (410, "task_ended")


async def test_an_early_answer_is_asked_to_come_again():
    world = await waiting(memory_services(), TaskState.PENDING)
    answer = await told(world)
    assert (answer.status, answer.headers["retry-after"]) == (409, "5")


@pytest.mark.parametrize("token", ["", "c1.1.x", f"Bearer {CANARY}", "c1.1." + "0" * 64])
async def test_a_wrong_token_and_a_task_that_is_not_there_answer_alike(token):
    world = await waiting(memory_services())
    wrong = await told(world, token=token)
    nowhere = await told(world, task_id=TASK.replace("3f", "4f"))
    assert (wrong.status, nowhere.status) == (404, 404)
    assert {**wrong.json, "instance": ""} == {**nowhere.json, "instance": ""}
    assert (await task_of(world)).state is TaskState.WAITING


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"", 400, id="nothing"),
        pytest.param({}, 400, id="no field"),
        pytest.param({"status": "done"}, 400, id="no dataset"),
        pytest.param({"status": "done", "datasets": []}, 400, id="an empty list"),
        pytest.param({"status": CANARY}, 400, id="another status"),
        pytest.param(DONE | {"note": CANARY}, 400, id="another field"),
        pytest.param({"status": "failed", "code": f"{CANARY} lives at"}, 400, id="prose"),
        pytest.param({"status": "done", "datasets": [{"id": "subs", "count": 2}]}, 400, id="nothing of a rest"),
        pytest.param({"status": "done", "datasets": [{"id": "subs", "count": -1, "remaining": 0}]}, 400, id="below 0"),
        pytest.param(b'"' + b"x" * 70_000 + b'"', 413, id="too large"),
    ],
)
async def test_what_shows_nothing_is_refused_and_recorded_nowhere(body, status, caplog):
    caplog.set_level(logging.DEBUG)
    world = await waiting(memory_services())
    before = await task_of(world)
    answer = await told(world, body)
    assert answer.status == status
    assert CANARY not in answer.whole + caplog.text
    assert await task_of(world) == before
    assert world.bus.sent == []


async def test_neither_token_nor_answer_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    world = await waiting(memory_services())
    assert (await told(world)).status == 204
    assert "callback_take status=204" in caplog.text
    assert "c1.1." not in caplog.text
    assert "subs" not in caplog.text


async def test_a_network_that_guesses_has_to_wait():
    world = await waiting(memory_services(intake_per_network=1))
    assert [(await told(world, token="c1.1.guess")).status for _ in range(2)] == [404, 429]
    assert (await told(world)).status == 204
