"""What a service's own word of a task is worth, and what becomes of it."""

import csv
import io
import json

import pytest
from asking import datasets, manifest_of, now, opened
from lane_world import (
    OTHER_CLIENT,
    SERVICE,
    done,
    end_labs,
    erasing_task,
    failed,
    first_task,
    lane_messages,
    lane_world,
    service_caller,
)

from shared.domain.erasure import Found
from shared.domain.errors import Conflict, Gone, InvalidInput, StaleState
from shared.domain.request import RequestId
from shared.domain.service_task import TaskState
from shared.domain.states import State
from shared.messages.inputs import TaskOutcome


async def task_of(world, message):
    return (await world.requests.read_task(RequestId(str(message.request_id)), message.task))[1].row


def line(dataset, record) -> bytes:
    return json.dumps({"dataset": dataset, "record": record}).encode() + b"\n"


async def upload(world, message, *lines: bytes) -> str:
    name = f"{message.request_id}/uploads/{message.task}.ndjson"
    await world.fragments.put(name, b"".join(lines))
    return name


# ── A dry run ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_dry_runs_counts_stand_in_the_plan():
    world = lane_world()
    survey = await first_task(world, "erasure")
    await world.answer_task(SERVICE, survey.task_id, done(events=7, opens=0))
    task = await task_of(world, survey)
    assert (task.state, task.found) == (TaskState.DONE, {"events": Found(count=7), "opens": Found(count=0)})
    request_id = RequestId(str(survey.request_id))
    await end_labs(world, request_id, "survey1.0.labs", trials=0)
    plan = (await world.requests.load(request_id)).plan
    assert {one.dataset: one.count for one in plan.decisions if one.service == "telemetry"} == {"events": 7, "opens": 0}


@pytest.mark.parametrize(
    ("told", "field"),
    [
        pytest.param({"events": 1}, "datasets.opens", id="one-missing"),
        pytest.param({"events": 1, "opens": 1, "crashes": 1}, "datasets.2.id", id="one-never-asked-for"),
        pytest.param({}, "datasets.events", id="none"),
    ],
)
async def test_an_outcome_tells_of_every_dataset_that_was_asked_for_and_no_other(told, field):
    world = lane_world()
    survey = await first_task(world, "erasure")
    before = await task_of(world, survey)
    with pytest.raises(InvalidInput) as refused:
        await world.answer_task(SERVICE, survey.task_id, done(**told))
    assert refused.value.field == field
    assert await task_of(world, survey) == before


async def test_a_dataset_told_twice_is_refused():
    world = lane_world()
    survey = await first_task(world, "erasure")
    told = [{"id": name, "count": 1, "remaining": 0} for name in ("events", "opens", "events")]
    with pytest.raises(InvalidInput, match="told twice"):
        await world.answer_task(SERVICE, survey.task_id, TaskOutcome(status="done", datasets=told))


async def test_a_failed_dry_run_fails_with_its_code():
    world = lane_world()
    survey = await first_task(world, "erasure")
    await world.answer_task(SERVICE, survey.task_id, failed("disk_full"))
    task = await task_of(world, survey)
    assert (task.state, task.reason) == (TaskState.FAILED, "disk_full")


# ── An erasure ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_erasure_leaves_a_receipt_for_each_dataset_as_the_services_own_statement():
    world = lane_world()
    message = await erasing_task(world)
    await world.answer_task(SERVICE, message.task_id, done(events=3, opens=0))
    task = await task_of(world, message)
    assert task.state is TaskState.DONE
    assert [(one.dataset, one.action, one.count, one.verified, one.method, one.at) for one in task.receipts] == [
        ("events", "delete", 3, "service_statement", "rows deleted", world.clock()),
        ("opens", "delete", 0, "service_statement", "rows deleted", world.clock()),
    ]
    request_id = RequestId(str(message.request_id))
    await end_labs(world, request_id, "erase1-0.0.labs", trials=0)
    await lane_messages(world)
    assert (await now(world, request_id)).state is State.COMPLETED


async def test_what_is_still_there_is_no_evidence():
    world = lane_world()
    message = await erasing_task(world)
    before = await task_of(world, message)
    told = [{"id": "events", "count": 3, "remaining": 1}, {"id": "opens", "count": 0, "remaining": 0}]
    with pytest.raises(InvalidInput, match="no evidence"):
        await world.answer_task(SERVICE, message.task_id, TaskOutcome(status="done", datasets=told))
    assert await task_of(world, message) == before


async def test_an_empty_word_that_it_is_done_is_no_evidence():
    world = lane_world()
    message = await erasing_task(world)
    with pytest.raises(InvalidInput):
        await world.answer_task(SERVICE, message.task_id, TaskOutcome(status="done"))
    assert (await task_of(world, message)).state is TaskState.PENDING


async def test_an_erasure_that_failed_waits_for_an_operator():
    world = lane_world()
    message = await erasing_task(world)
    await world.answer_task(SERVICE, message.task_id, failed())
    task = await task_of(world, message)
    assert (task.state, task.reason, task.receipts) == (TaskState.MANUAL, "service_failed", ())
    assert task.due_at > world.clock() + world.settings.manual_margin
    for attempt in (world.claim_task(SERVICE, message.task_id), world.answer_task(SERVICE, message.task_id, done())):
        with pytest.raises(Gone, match="task_ended"):
            await attempt


async def test_a_service_that_was_late_may_still_erase_until_an_operator_has_closed_the_task():
    world = lane_world()
    message = await erasing_task(world)
    await world.sweep(hours=2)
    task = await task_of(world, message)
    assert (task.state, task.reason) == (TaskState.MANUAL, "time_limit")
    assert (await world.claim_task(SERVICE, message.task_id)).may_proceed
    await world.answer_task(SERVICE, message.task_id, done(events=3, opens=0))
    task = await task_of(world, message)
    assert (task.state, task.reason, [one.count for one in task.receipts]) == (TaskState.DONE, None, [3, 0])


async def test_more_than_was_planned_stops_the_erasure_for_a_person_to_look():
    world = lane_world()
    message = await erasing_task(world)
    await world.answer_task(SERVICE, message.task_id, failed("more_than_planned", opens=900))
    request = await now(world, str(message.request_id))
    assert (request.state, request.erasure.halted) == (State.HALTED, ("drift_count",))
    assert (await world.requests.history(request.id))[-1].about == "opens"


async def test_what_was_erased_before_another_service_stopped_the_erasure_is_still_evidence():
    world = lane_world()
    message = await erasing_task(world)
    await world.claim_task(SERVICE, message.task_id)
    labs = f"{message.request_id}.erase1-0.0.labs"
    await world.answer_task(service_caller(OTHER_CLIENT), labs, failed("more_than_planned", trials=900))
    assert (await now(world, str(message.request_id))).state is State.HALTED
    await world.answer_task(SERVICE, message.task_id, done(events=3, opens=0))
    task = await task_of(world, message)
    assert (task.state, [one.count for one in task.receipts]) == (TaskState.DONE, [3, 0])
    assert (await now(world, str(message.request_id))).state is State.HALTED


# ── A copy ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_a_service_uploads_is_in_the_package_in_the_shape_of_its_datasets():
    world = lane_world()
    message = await first_task(world, "access")
    name = await upload(
        world,
        message,
        line("events", {"oid": "o-1", "page": "=cmd|x", "secret": "k3y"}),
        line("opens", {"email": "somebody", "tenant": "not a field"}),
        b"\n",
        line("events", {"oid": "o-1", "page": "/two"})[:-1],
    )
    await world.answer_task(SERVICE, message.task_id, TaskOutcome(status="done"))
    await end_labs_copy(world, message)
    await lane_messages(world)
    request = await now(world, str(message.request_id))
    assert request.state is State.COMPLETED
    with await opened(world, request.id) as package:
        events = json.loads(package.read("data/events.json"))["records"]
        sheet = list(csv.DictReader(io.StringIO(package.read("data/events.csv").decode("utf-8-sig"))))
        opens = json.loads(package.read("data/opens.json"))["records"]
    assert events == [{"oid": "o-1", "page": "=cmd|x"}, {"oid": "o-1", "page": "/two"}]
    assert opens == [{"email": "somebody"}]
    assert sheet[0]["page"] == "'=cmd|x"
    assert await world.fragments.size(name) is None
    assert {one: datasets(await manifest_of(world, request.id))[one] for one in ("events", "opens")} == {
        "events": "included",
        "opens": "included",
    }


async def end_labs_copy(world, message) -> None:
    labs = f"{message.request_id}.export.0.labs"
    await world.fragments.put(f"{message.request_id}/uploads/export.0.labs.ndjson", b"")
    await world.answer_task(service_caller(OTHER_CLIENT), labs, TaskOutcome(status="done"))


async def test_a_line_that_cannot_be_read_makes_every_dataset_incomplete_and_is_said():
    world = lane_world()
    message = await first_task(world, "access")
    await upload(world, message, line("events", {"oid": "o-1"}), b"{broken\n", line("users", {"oid": "not its own"}))
    await world.answer_task(SERVICE, message.task_id, TaskOutcome(status="done"))
    await end_labs_copy(world, message)
    await lane_messages(world)
    request = await now(world, str(message.request_id))
    assert request.state is State.PARTIALLY_COMPLETED
    task = await task_of(world, message)
    assert (task.counts, task.unreadable) == ({"events": 1, "opens": 0}, frozenset({"events", "opens"}))


async def test_a_copy_is_not_done_before_its_upload_is_there():
    world = lane_world()
    message = await first_task(world, "access")
    with pytest.raises(Conflict, match="upload_missing"):
        await world.answer_task(SERVICE, message.task_id, TaskOutcome(status="done"))
    assert (await task_of(world, message)).state is TaskState.PENDING


async def test_an_upload_that_was_answered_for_is_taken_in_by_us_and_cannot_be_answered_for_again():
    world = lane_world()
    message = await first_task(world, "access")
    await upload(world, message, line("events", {"oid": "o-1"}))
    world.clock.advance(minutes=59, seconds=59)
    await world.answer_task(SERVICE, message.task_id, TaskOutcome(status="done"))
    task = await task_of(world, message)
    assert (task.lane, task.state, task.chunk) == ("stores", TaskState.PENDING, message.chunk + 1)
    (sent,) = [one for one in world.bus.deliver() if one.kind == "run_service_task"]
    assert (sent.lane, sent.task) == ("stores", message.task)
    assert sent.message_id != message.message_id
    with pytest.raises(Gone):
        await world.answer_task(SERVICE, message.task_id, TaskOutcome(status="done"))
    with pytest.raises(Gone):
        await world.claim_task(SERVICE, message.task_id)
    world.clock.advance(minutes=1)
    await world.deliver(sent)
    assert (await task_of(world, message)).counts == {"events": 1, "opens": 0}


async def test_an_upload_that_vanished_is_told_as_missing():
    world = lane_world()
    message = await first_task(world, "access")
    name = await upload(world, message, line("events", {"oid": "o-1"}))
    await world.answer_task(SERVICE, message.task_id, TaskOutcome(status="done"))
    await world.fragments.delete([name])
    await end_labs_copy(world, message)
    await lane_messages(world)
    task = await task_of(world, message)
    assert (task.state, task.reason) == (TaskState.FAILED, "upload_missing")
    assert (await now(world, str(message.request_id))).state is State.PARTIALLY_COMPLETED


async def test_a_copy_that_failed_is_told_with_its_code():
    world = lane_world()
    message = await first_task(world, "access")
    await world.answer_task(SERVICE, message.task_id, failed("disk_full"))
    await end_labs_copy(world, message)
    await lane_messages(world)
    assert (await task_of(world, message)).reason == "disk_full"
    assert (await now(world, str(message.request_id))).state is State.PARTIALLY_COMPLETED


# ── Repeats ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_repeat_is_refused_and_heals_what_a_crash_left():
    world = lane_world()
    survey = await first_task(world, "erasure")
    request_id = RequestId(str(survey.request_id))
    await end_labs(world, request_id, "survey1.0.labs", trials=0)
    commit = world.requests.commit

    async def dies(_):
        raise RuntimeError("the process ends here")

    world.requests.commit = dies
    with pytest.raises(RuntimeError):
        await world.answer_task(SERVICE, survey.task_id, done(events=1, opens=0))
    world.requests.commit = commit
    assert (await now(world, request_id)).state is State.SURVEYING
    with pytest.raises(Gone, match="task_ended"):
        await world.answer_task(SERVICE, survey.task_id, done(events=1, opens=0))
    assert (await now(world, request_id)).state is State.ERASING


async def test_two_answers_at_once_leave_one():
    world = lane_world()
    message = await erasing_task(world)
    save, tried = world.requests.save_task, []

    async def second(request_id, task, etag):
        if not tried:
            tried.append(task)
            await world.answer_task(SERVICE, message.task_id, done(events=3, opens=0))
        return await save(request_id, task, etag)

    world.requests.save_task = second
    with pytest.raises(Gone):
        await world.answer_task(SERVICE, message.task_id, done(events=5, opens=0))
    assert [one.count for one in (await task_of(world, message)).receipts] == [3, 0]


async def test_a_task_that_never_rests_is_told_to_come_back():
    world = lane_world()
    survey = await first_task(world, "erasure")

    async def never(*_):
        raise StaleState("moved")

    world.requests.save_task = never
    with pytest.raises(StaleState):
        await world.answer_task(SERVICE, survey.task_id, done(events=1, opens=0))
