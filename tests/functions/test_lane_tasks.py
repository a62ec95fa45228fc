"""Claims and outcomes over HTTP, as services make them."""

import pytest
from builders import CONTOSO, MIRA
from checked import CANARY, call
from lane_world import CLIENT, SERVICE, done, erasing_task, first_task, lane_world


def introduced(world) -> str:
    world.tokens.introduce("token:service", SERVICE.principal)
    return "token:service"


async def claim(world, task_id, token="token:service"):
    return await call("task_claim", "POST", f"/api/v1/tasks/{task_id}/claim", token=token, task_id=task_id)


async def tell(world, task_id, body, token="token:service"):
    url = f"/api/v1/tasks/{task_id}/outcome"
    return await call("task_answer", "POST", url, token=token, body=body, task_id=task_id)


async def test_a_service_claims_its_copy_and_gets_where_to_write_it():
    world = lane_world()
    introduced(world)
    message = await first_task(world, "access")
    answer = await claim(world, message.task_id)
    assert answer.status == 200
    told = answer.json
    upload = told.pop("upload")
    assert told == {
        "taskId": message.task_id,
        "work": "export",
        "mayProceed": True,
        "answerBy": "2026-11-02T10:30:00Z",
        "receivedAt": "2026-11-02T09:30:00Z",
        "datasets": [
            {
                "id": "events",
                "identifiers": [{"kind": "entra_object_id", "value": MIRA.object_id, "tenant": CONTOSO}],
            },
            {"id": "opens", "identifiers": [{"kind": "email", "value": MIRA.email}]},
        ],
    }
    assert upload["url"].startswith(f"https://blobs.invalid/{message.request_id}/uploads/")
    assert upload["expiresAt"] == "2026-11-02T09:45:00Z"


async def test_a_service_erases_and_answers_once():
    world = lane_world()
    introduced(world)
    message = await erasing_task(world)
    told = (await claim(world, message.task_id)).json
    assert [(one["id"], one["action"], one["atMost"]) for one in told["datasets"]] == [
        ("events", "delete", 103),
        ("opens", "delete", 100),
    ]
    outcome = done(events=3, opens=0).model_dump(mode="json", exclude_none=True)
    assert (await tell(world, message.task_id, outcome)).status == 204
    again = await tell(world, message.task_id, outcome)
    assert (again.status, again.json["code"]) == (410, "task_ended")
    assert (await claim(world, message.task_id)).status == 410


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="empty"),
        pytest.param({"status": CANARY}, id="unknown-status"),
        pytest.param({"status": "done", CANARY: 1}, id="unknown-field"),
        pytest.param({"status": "done", "datasets": [{"id": CANARY, "count": 1, "remaining": 0}]}, id="unknown-id"),
        pytest.param({"status": "done", "datasets": [{"id": "events", "count": -1, "remaining": 0}]}, id="negative"),
        pytest.param({"status": "done", "datasets": [{"id": "events", "count": 1}]}, id="no-second-look"),
        pytest.param({"status": "failed", "code": f"{CANARY} has no record"}, id="prose"),
        pytest.param(b"not json", id="not-json"),
    ],
)
async def test_an_outcome_that_says_less_than_asked_is_refused_without_repeating_it(body):
    world = lane_world()
    introduced(world)
    message = await erasing_task(world)
    answer = await tell(world, message.task_id, body)
    assert answer.status == 400
    assert CANARY not in answer.whole


async def test_whoever_is_no_service_of_ours_learns_nothing():
    world = lane_world()
    introduced(world)
    message = await first_task(world, "access")
    world.tokens.introduce("token:mira", MIRA.principal("Privacy.Service"))
    for token, status in ((None, 401), ("token:unheard-of", 401), ("token:mira", 403)):
        for answer in (
            await claim(world, message.task_id, token),
            await tell(world, message.task_id, {"status": "done"}, token),
        ):
            assert answer.status == status
            assert CLIENT not in answer.whole
    assert (await claim(world, f"{message.request_id}.export.0.directory")).status == 404


async def test_a_task_that_is_claimed_over_and_over_has_to_wait():
    world = lane_world(claims_per_task=2)
    introduced(world)
    message = await first_task(world, "access")
    assert [(await claim(world, message.task_id)).status for _ in range(3)] == [200, 200, 429]
    world.clock.advance(minutes=10)
    assert (await claim(world, message.task_id)).status == 200


async def test_a_claim_is_logged_by_its_ids_alone(caplog):
    world = lane_world()
    introduced(world)
    message = await first_task(world, "access")
    with caplog.at_level("DEBUG"):
        answer = await claim(world, message.task_id)
    for secret in (MIRA.email, MIRA.object_id, answer.json["upload"]["url"], "token:service"):
        assert secret not in caplog.text
