"""The contract of RequestStore, over memory and Azure Tables."""

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest

from shared.adapters.azure_tables_requests import AzureTablesRequests
from shared.adapters.memory_requests import MemoryRequests
from shared.domain.erasure import Action, Decision, ErasurePlan, ErasureReceipt, Found
from shared.domain.errors import AlreadyThere, NotFound, Permanent, StaleState
from shared.domain.request import Part, Request, RequestId, Verification, opened
from shared.domain.service_task import Fragment, ServiceTask, TaskState, Work
from shared.domain.states import Happening, State
from shared.messages.commands import PlanRequest, RunServiceTask, SendCode
from shared.ports.requests import Move

NOW = datetime(2026, 11, 23, 9, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.stack)])
def store(request):
    if request.param == "memory":
        return MemoryRequests()
    return AzureTablesRequests(request.getfixturevalue("new_table")("Requests"))


def new_request(dossier=b"\x00\xff sealed", **changes):
    fields = {
        "id": RequestId(str(uuid4())),
        "state": State.IDENTITY_PENDING,
        "parts": (Part(right="access", state=State.IDENTITY_PENDING),),
        "language": "nl",
        "channel": "api",
        "signed_in": False,
        "received_at": NOW,
        "due_at": NOW.astimezone(timezone(timedelta(hours=1))) + timedelta(days=30),
        "body_hash": "h",
        "dossier": dossier,
        "verification": Verification(issue=1, expires_at=NOW + timedelta(minutes=30), tries_left=5),
    }
    return opened(Request(**fields | changes), Happening.SUBMITTED)


def a_task(number=0, **changes):
    fields = {"stage": "export", "part": 0, "service": f"service-{number:03}", "work": Work.EXPORT, "lane": "stores"}
    return ServiceTask(**fields | {"due_at": NOW} | changes)


def a_decision(**changes):
    fields = {"part": 0, "service": "crm", "dataset": "contacts", "action": Action.DELETE, "count": 3}
    return Decision(**fields | {"definition": "d", "wave": 2, "recipients": ("newsletter",)} | changes)


def a_plan(*decisions):
    return ErasurePlan(map_version="1+abc", decisions=decisions or (a_decision(),))


def command(request, task):
    return RunServiceTask(request_id=UUID(request.id), task=task.key, lane=task.lane)


async def created(store, **changes):
    request, entry = new_request(**changes)
    await store.create(request, entry, [SendCode(request_id=UUID(request.id), issue=1)])
    return await store.read(request.id)


async def moved(store, read, *, happening=Happening.IDENTITY_PROVEN, **changes):
    after, entry = read.row.happened(happening, NOW + timedelta(minutes=read.row.seq))
    await store.commit(Move(etag=read.etag, request=after, entry=entry, **changes))
    return await store.read(after.id)


async def test_what_was_written_is_read_back_to_the_last_bit(store):
    request, entry = new_request(attention=("store_missing",), map_version="1+abc")
    opens = [SendCode(request_id=UUID(request.id), issue=1, traceparent="00-ab-cd-01", attempt=2)]
    await store.create(request, entry, opens)
    case = await store.load(request.id)
    assert case.request.row == request
    assert case.request.row.due_at.utcoffset() == timedelta(hours=1)
    assert case.open == {"send_code:1": opens[0]}
    assert case.tasks == {}
    assert await store.read(request.id) == case.request
    assert list(await store.history(request.id)) == [entry]


async def test_a_dossier_larger_than_one_property_survives(store):
    read = await created(store, dossier=bytes(range(256)) * 1000)
    assert read.row.dossier == bytes(range(256)) * 1000


async def test_creating_a_request_twice_is_refused_and_changes_nothing(store):
    request, entry = new_request()
    await store.create(request, entry, [])
    again = request.model_copy(update={"body_hash": "other"})
    with pytest.raises(AlreadyThere):
        await store.create(again, entry, [PlanRequest(request_id=UUID(request.id))])
    case = await store.load(request.id)
    assert case.request.row == request
    assert case.open == {}


async def test_an_unknown_request_is_not_found(store):
    await created(store)
    unknown = RequestId(str(uuid4()))
    for asked in (store.read(unknown), store.load(unknown), store.read_task(unknown, "export.0.x")):
        with pytest.raises(NotFound):
            await asked
    assert await store.open_tasks(unknown, "export") == 0
    assert list(await store.history(unknown)) == []


async def test_a_move_writes_row_history_tasks_and_commands_together(store):
    read = await created(store)
    tasks = [a_task(1), a_task(0)]
    await moved(store, read, opens=[command(read.row, task) for task in tasks], closes=["send_code:1"], tasks=tasks)
    case = await store.load(read.row.id)
    assert case.request.row.state is State.RECEIVED
    assert list(case.tasks) == ["export.0.service-000", "export.0.service-001"]
    assert case.tasks["export.0.service-001"].row == tasks[0]
    assert set(case.open) == {"run_service_task:export.0.service-000:0", "run_service_task:export.0.service-001:0"}
    assert [entry.seq for entry in await store.history(read.row.id)] == [1, 2]
    assert await store.open_tasks(read.row.id, "export") == 2


async def test_of_two_moves_from_one_reading_only_the_first_is_applied(store):
    read = await created(store)
    await moved(store, read)
    after, entry = read.row.happened(Happening.WITHDRAWN, NOW)
    with pytest.raises(StaleState):
        await store.commit(Move(etag=read.etag, request=after, entry=entry, tasks=[a_task()], closes=["send_code:1"]))
    case = await store.load(read.row.id)
    assert case.request.row.state is State.RECEIVED
    assert case.tasks == {}
    assert set(case.open) == {"send_code:1"}
    assert len(await store.history(read.row.id)) == 2


async def test_a_move_on_a_request_that_is_not_there_is_stale(store):
    await created(store)
    request, _ = new_request()
    after, entry = request.happened(Happening.IDENTITY_PROVEN, NOW)
    with pytest.raises(StaleState):
        await store.commit(Move(etag='W/"1"', request=after, entry=entry))


async def test_closing_a_command_that_is_not_open_is_no_error(store):
    read = await created(store)
    await moved(store, read, closes=["plan_request", "send_code:1"])
    assert (await store.load(read.row.id)).open == {}


async def test_a_command_that_is_closed_and_opened_in_one_move_is_open(store):
    read = await created(store)
    again = SendCode(request_id=UUID(read.row.id), issue=1, attempt=3)
    await moved(store, read, closes=["send_code:1"], opens=[again])
    assert (await store.load(read.row.id)).open == {"send_code:1": again}


async def test_adding_a_task_that_is_there_keeps_it_as_it_is(store):
    read = await created(store)
    read = await moved(store, read, tasks=[a_task(0)])
    _, task = await store.read_task(read.row.id, "export.0.service-000")
    done = task.row.model_copy(update={"state": TaskState.DONE})
    await store.save_task(read.row.id, done, task.etag)
    await moved(store, read, happening=Happening.PLANNED, tasks=[a_task(0), a_task(1)])
    case = await store.load(read.row.id)
    assert case.tasks["export.0.service-000"].row == done
    assert case.tasks["export.0.service-001"].row == a_task(1)


async def test_a_move_of_more_rows_than_a_transaction_takes_is_applied_whole(store):
    read = await created(store)
    tasks = [a_task(number) for number in range(130)]
    opens = [command(read.row, task) for task in tasks]
    read = await moved(store, read, tasks=tasks, opens=opens, closes=["send_code:1"])
    case = await store.load(read.row.id)
    assert len(case.tasks) == 130
    assert len(case.open) == 130
    assert await store.open_tasks(read.row.id, "export") == 130
    await moved(store, read, happening=Happening.WITHDRAWN, closes=[one.key for one in opens])
    assert (await store.load(read.row.id)).open == {}


async def test_a_task_is_read_with_its_request_and_saved_under_its_own_etag(store):
    read = await created(store)
    await moved(store, read, tasks=[a_task(0), a_task(1)])
    request, task = await store.read_task(read.row.id, "export.0.service-000")
    assert request.row.state is State.RECEIVED
    fragment = Fragment(name="f/1", members_size=2**40, index_size=7)
    changes = {"chunk": 3, "position": b"\x00\x01", "fragments": (fragment,), "counts": {"users": 2}}
    working = task.row.model_copy(update=changes)
    await store.save_task(read.row.id, working, task.etag)
    _, saved = await store.read_task(read.row.id, "export.0.service-000")
    assert saved.row == working
    assert saved.etag != task.etag
    assert await store.open_tasks(read.row.id, "export") == 2
    await store.save_task(read.row.id, working.model_copy(update={"state": TaskState.FAILED}), saved.etag)
    assert await store.open_tasks(read.row.id, "export") == 1
    with pytest.raises(StaleState):
        await store.save_task(read.row.id, working, task.etag)


async def test_saving_a_task_leaves_the_requests_etag_alone(store):
    read = await created(store)
    read = await moved(store, read, tasks=[a_task(0)])
    _, task = await store.read_task(read.row.id, "export.0.service-000")
    await store.save_task(read.row.id, task.row, task.etag)
    assert (await moved(store, read, happening=Happening.PLANNED)).row.state is State.COLLECTING


async def test_a_task_that_is_not_there_is_not_found_and_cannot_be_saved(store):
    read = await created(store)
    with pytest.raises(NotFound):
        await store.read_task(read.row.id, "export.0.service-000")
    with pytest.raises(StaleState):
        await store.save_task(read.row.id, a_task(0), read.etag)


async def ended(store, read, key, state=TaskState.DONE):
    """Save a task as ended."""
    _, task = await store.read_task(read.row.id, key)
    after = task.row.model_copy(update={"state": state})
    await store.save_task(read.row.id, after, task.etag)
    return after


async def test_everything_that_a_task_of_an_erasure_remembers_is_read_back(store):
    read = await created(store)
    receipt = ErasureReceipt(
        dataset="contacts", action=Action.ANONYMISE, count=0, method="logical", at=NOW, verified="looked_again"
    )
    task = a_task(
        stage="erase1-0",
        work=Work.ERASE,
        state=TaskState.WAITING,
        look_at=NOW + timedelta(hours=1),
        decisions=(a_decision(), a_decision(dataset="calls", exemption="17-3-b", until=date(2033, 12, 31), count=None)),
        found={"contacts": Found(count=3, recipients=frozenset({"newsletter"})), "calls": Found()},
        receipts=(receipt,),
        answer=b"\x00\xff",
        outcome="acknowledged",
        closed_by="somebody",
        evidence=b"\x01sealed",
        reason="time_limit",
        ended_at=NOW,
    )
    await moved(store, read, tasks=[task])
    _, found = await store.read_task(read.row.id, "erase1-0.0.service-000")
    assert found.row == task


async def test_a_plan_is_kept_until_a_move_brings_another(store):
    read = await created(store)
    assert (await store.load(read.row.id)).plan is None
    first, second = a_plan(), a_plan(a_decision(action=Action.RETAIN, exemption="hold"), a_decision(count=None))
    read = await moved(store, read, happening=Happening.IDENTITY_PROVEN, plan=first)
    assert (await store.load(read.row.id)).plan == first
    read = await moved(store, read, happening=Happening.NOTIFIED)
    assert (await store.load(read.row.id)).plan == first
    await moved(store, read, happening=Happening.NOTIFIED, plan=second)
    found = (await store.load(read.row.id)).plan
    assert found == second
    assert found.hash == second.hash != first.hash


async def test_a_plan_of_a_move_that_came_too_late_is_not_kept(store):
    read = await created(store)
    await moved(store, read)
    with pytest.raises(StaleState):
        await moved(store, read, plan=a_plan())
    assert (await store.load(read.row.id)).plan is None


async def test_stages_are_counted_apart_though_one_name_begins_the_other(store):
    read = await created(store)
    stages = ["survey1", "survey11", "erase1-0", "erase1-1", "erase1-10"]
    tasks = [a_task(number, stage=stage) for number, stage in enumerate(stages)]
    await moved(store, read, tasks=[*tasks, a_task(9, stage="survey1")])
    assert [await store.open_tasks(read.row.id, stage) for stage in stages] == [2, 1, 1, 1, 1]
    await ended(store, read, "survey1.0.service-000")
    await ended(store, read, "erase1-1.0.service-003", TaskState.FAILED)
    assert [await store.open_tasks(read.row.id, stage) for stage in stages] == [1, 1, 1, 0, 1]
    assert await store.open_tasks(read.row.id, "survey") == 0
    case = await store.load(read.row.id)
    assert [task.row.service for task in case.stage("survey1")] == ["service-000", "service-009"]
    assert case.stage(None) == []


@pytest.mark.parametrize("state", [TaskState.WAITING, TaskState.MANUAL])
async def test_a_task_that_waits_for_somebody_is_open(store, state):
    read = await created(store)
    await moved(store, read, tasks=[a_task(0), a_task(1)])
    waiting = await ended(store, read, "export.0.service-000", state)
    last = await ended(store, read, "export.0.service-001")
    assert await store.open_tasks(read.row.id, "export") == 1
    assert not await store.is_last(read.row.id, last)
    assert not await store.is_last(read.row.id, waiting)


async def test_the_last_task_of_a_stage_is_the_one_that_was_written_last(store):
    read = await created(store)
    await moved(store, read, tasks=[*(a_task(number) for number in range(3)), a_task(0, stage="survey1")])
    first = await ended(store, read, "export.0.service-002")
    assert not await store.is_last(read.row.id, first)
    second = await ended(store, read, "export.0.service-000", TaskState.FAILED)
    last = await ended(store, read, "export.0.service-001")
    assert [await store.is_last(read.row.id, one) for one in (first, second, last)] == [False, False, True]


async def test_what_other_stages_do_makes_no_task_the_last_or_not(store):
    read = await created(store)
    await moved(store, read, tasks=[a_task(0, stage="survey1"), a_task(0, stage="survey11")])
    last = await ended(store, read, "survey1.0.service-000")
    assert await store.is_last(read.row.id, last)
    await ended(store, read, "survey11.0.service-000")
    assert await store.is_last(read.row.id, last)


async def test_a_deleted_request_leaves_nothing_and_deleting_it_again_is_no_error(store):
    read, other = await created(store), await created(store)
    await moved(store, read, tasks=[a_task(0)], plan=a_plan(), opens=[command(read.row, a_task(0))])
    assert len(await store.history(read.row.id)) == 2
    await store.delete(read.row.id)
    await store.delete(read.row.id)
    for asked in (store.read(read.row.id), store.load(read.row.id)):
        with pytest.raises(NotFound):
            await asked
    assert list(await store.history(read.row.id)) == []
    assert await store.open_tasks(read.row.id, "export") == 0
    assert (await store.read(other.row.id)) == other
    assert len(await store.history(other.row.id)) == 1


async def test_a_request_of_more_rows_than_a_transaction_takes_is_deleted_whole(store):
    read = await created(store)
    tasks = [a_task(number) for number in range(130)]
    await moved(store, read, tasks=tasks, opens=[command(read.row, task) for task in tasks], plan=a_plan())
    assert len((await store.load(read.row.id)).tasks) == 130
    await store.delete(read.row.id)
    assert await store.open_tasks(read.row.id, "export") == 0
    request, entry = new_request(id=read.row.id)
    await store.create(request, entry, [])
    case = await store.load(read.row.id)
    assert (case.tasks, case.open, case.plan) == ({}, {}, None)


async def test_a_saved_task_gives_the_etag_of_its_next_saving(store):
    read = await created(store)
    await moved(store, read, tasks=[a_task(0)])
    _, task = await store.read_task(read.row.id, "export.0.service-000")
    first = await store.save_task(read.row.id, task.row.model_copy(update={"chunk": 1}), task.etag)
    await store.save_task(read.row.id, task.row.model_copy(update={"chunk": 2}), first)
    _, found = await store.read_task(read.row.id, "export.0.service-000")
    assert found.row.chunk == 2
    with pytest.raises(StaleState):
        await store.save_task(read.row.id, task.row.model_copy(update={"chunk": 3}), first)


@pytest.mark.stack
async def test_a_request_too_large_for_a_row_is_refused_by_name(new_table):
    request, entry = new_request(dossier=b"x" * 1_000_000)
    with pytest.raises(Permanent) as refused:
        await AzureTablesRequests(new_table("Requests")).create(request, entry, [])
    assert refused.value.code == "row_too_large"
