"""One service's share: steps, failures, and what is written."""

import csv
import io
import json
from datetime import timedelta

import pytest
from asking import answered, asked, datasets, in_state, manifest_of, now, opened, proven
from builders import (
    CONTOSO,
    MIRA,
    by,
    data_map,
    dataset,
    memory_services,
    put,
    put_file,
    service,
    standard_services,
    text,
)

from shared.domain.errors import Permanent, Transient
from shared.domain.states import State
from shared.ports.connector import Page
from shared.use_cases.exporting import cell

ROWS = 95


def with_many_rows(**overrides):
    world = memory_services(**overrides)
    put(world.store, "tickets", *({"from": MIRA.email, "subject": f"number {n}", "body": "x"} for n in range(ROWS)))
    for n in range(5):
        put_file(world.store, "calls", {"by": MIRA.email}, f"call {n}", bytes([n]) * 100, "audio/wav")
    world.store.page_size = 10
    return world


async def records_of(world, request_id: str, name: str) -> list[dict]:
    found = []
    with await opened(world, request_id) as package:
        for path in package.namelist():
            if path.startswith(f"data/{name}") and path.endswith(".json"):
                found += json.loads(package.read(path))["records"]
    return found


async def test_a_task_cut_into_steps_leaves_the_same_records_and_files_as_one_step():
    whole, cut = with_many_rows(), with_many_rows(step_for=timedelta(0))
    in_one, in_steps = await answered(whole), await answered(cut)
    assert in_steps.state is in_one.state is State.COMPLETED
    records = await records_of(whole, in_one.id, "tickets")
    assert len(records) == ROWS + 1
    assert await records_of(cut, in_steps.id, "tickets") == records
    case = await cut.requests.load(in_steps.id)
    assert case.tasks["export.0.support"].row.chunk >= 10
    assert case.tasks["export.0.support"].row.counts == {"tickets": ROWS + 1, "calls": 6}
    assert datasets(await manifest_of(cut, in_steps.id)) == datasets(await manifest_of(whole, in_one.id))
    with await opened(cut, in_steps.id) as package:
        assert len([name for name in package.namelist() if name.startswith("files/calls/")]) == 6
        assert len(set(package.namelist())) == len(package.namelist())


async def test_every_step_delivered_twice_and_late_writes_each_record_once():
    world = with_many_rows(step_for=timedelta(0))
    deliver, seen = world.deliver, []

    async def again(command):
        await deliver(command)
        if command.kind == "run_service_task":
            seen.append(command)
            await deliver(seen[0])
            await deliver(command)

    world.deliver = again
    request = await answered(world)
    assert len(await records_of(world, request.id, "tickets")) == ROWS + 1
    assert await world.fragments.names(request.id) == []


async def test_a_late_command_of_a_step_that_was_done_reads_nothing():
    world = with_many_rows(step_for=timedelta(0))
    request = await in_state(world, State.COLLECTING)
    (first,) = [one for one in world.bus.deliver() if one.task == "export.0.support"]
    await world.deliver(first)
    (second,) = world.bus.deliver()

    async def read(*_):
        raise AssertionError("read again")
        yield

    world.store.export = read
    await world.deliver(first)
    assert world.bus.deliver() == [second]
    assert (await world.requests.load(request.id)).tasks["export.0.support"].row.chunk == 1


async def test_a_step_ends_when_it_has_written_its_share_of_bytes():
    world = with_many_rows(step_bytes=1)
    request = await answered(world)
    assert (await world.requests.load(request.id)).tasks["export.0.support"].row.chunk == 1
    world = with_many_rows(step_bytes=0)
    request = await answered(world)
    assert (await world.requests.load(request.id)).tasks["export.0.support"].row.chunk >= 10


def failing(world, name: str, error: Exception, *, after_pages: int = 0):
    """Make one dataset fail, once so many pages of it were read."""
    export = world.store.export

    async def exported(service, dataset, identifiers, position=None):
        pages = 0
        async for page in export(service, dataset, identifiers, position):
            if dataset.id == name and pages >= after_pages:
                raise error
            pages += 1
            yield page
        if dataset.id == name and pages <= after_pages:
            raise error

    world.store.export = exported


async def test_a_service_that_fails_for_good_is_told_and_the_rest_is_delivered():
    world = memory_services()
    failing(world, "tickets", Permanent("access_denied"))
    request = await answered(world)
    assert request.state is State.PARTIALLY_COMPLETED
    manifest = await manifest_of(world, request.id)
    told = {one["id"]: one for one in manifest["datasets"]}
    assert (told["tickets"]["state"], told["tickets"]["reason"]) == ("missing", "access_denied")
    assert told["signups"]["state"] == "included"
    assert "Support" in world.mailer.sent[-1].text
    with await opened(world, request.id) as package:
        article15 = json.loads(package.read("article15.json"))
    assert {one["id"]: one["state"] for one in article15["datasets"]}["tickets"] == "missing"


async def test_a_service_that_fails_midway_keeps_what_was_written_and_says_it_is_incomplete():
    world = with_many_rows(step_for=timedelta(0))
    steps, export = 0, world.store.export

    async def exported(service, dataset, identifiers, position=None):
        nonlocal steps
        steps += dataset.id == "tickets"
        if dataset.id == "tickets" and steps > 3:
            raise Permanent("store_missing")
        async for page in export(service, dataset, identifiers, position):
            yield page

    world.store.export = exported
    request = await answered(world)
    assert request.state is State.PARTIALLY_COMPLETED
    told = {one["id"]: one for one in (await manifest_of(world, request.id))["datasets"]}
    assert (told["tickets"]["state"], told["tickets"]["reason"]) == ("incomplete", "store_missing")
    assert told["tickets"]["records"] == 30


async def test_a_service_that_is_down_for_a_while_is_tried_again():
    world = memory_services()
    left, export = 3, world.store.export

    async def exported(service, dataset, identifiers, position=None):
        nonlocal left
        if dataset.id == "tickets" and left:
            left -= 1
            raise Transient("throttled")
        async for page in export(service, dataset, identifiers, position):
            yield page

    world.store.export = exported
    request = await proven(world)
    for _ in range(5):
        await world.drain()
        world.bus.elapse(timedelta(minutes=5))
    assert (await now(world, request.id)).state is State.COMPLETED


async def test_a_service_that_stays_down_is_given_up_after_its_attempts():
    world = memory_services(task_attempts=3)
    failing(world, "tickets", Transient("throttled"))
    request = await proven(world)
    for _ in range(4):
        await world.drain()
        world.bus.elapse(timedelta(minutes=5))
    after = await now(world, request.id)
    assert after.state is State.PARTIALLY_COMPLETED
    told = {one["id"]: one for one in (await manifest_of(world, request.id))["datasets"]}
    assert told["tickets"]["reason"] == "throttled"


async def test_a_task_past_its_time_fails_by_the_sweep_or_by_itself():
    for by_sweep in (True, False):
        world = memory_services()
        request = await in_state(world, State.COLLECTING)
        if by_sweep:
            world.bus.waiting.clear()
            await world.sweep(hours=1)
            await world.sweep(minutes=1)
        world.clock.advance(hours=1)
        await world.drain()
        after = await now(world, request.id)
        assert after.state is State.PARTIALLY_COMPLETED
        assert {task.row.reason for task in (await world.requests.load(request.id)).tasks.values()} == {"time_limit"}


async def test_items_that_could_not_be_read_are_told():
    world = memory_services()
    export = world.store.export

    async def exported(service, dataset, identifiers, position=None):
        async for page in export(service, dataset, identifiers, position):
            yield Page(
                records=page.records, files=page.files, position=page.position, unreadable=dataset.id == "tickets"
            )

    world.store.export = exported
    request = await answered(world)
    assert request.state is State.PARTIALLY_COMPLETED
    told = {one["id"]: one for one in (await manifest_of(world, request.id))["datasets"]}
    assert (told["tickets"]["state"], told["tickets"]["reason"]) == ("incomplete", "unreadable_items")
    assert told["calls"]["state"] == "included"
    assert "Support" in world.mailer.sent[-1].text


async def test_a_service_that_left_the_map_fails_its_task():
    world = memory_services()
    request = await in_state(world, State.COLLECTING)
    world.maps.map = data_map(standard_services()[:2])
    await world.drain()
    case = await world.requests.load(request.id)
    assert case.tasks["export.0.support"].row.reason == "service_left_the_data_map"
    assert case.request.row.state is State.PARTIALLY_COMPLETED
    told = {one["id"]: one for one in (await manifest_of(world, request.id))["datasets"]}
    assert (told["support"]["state"], told["support"]["reason"]) == ("missing", "service_left_the_data_map")
    assert "support" in world.mailer.sent[-1].text


async def test_a_withheld_field_is_never_exported_and_the_manifest_says_why():
    world = memory_services()
    fields = ["from", {"name": "hash", "category": "user.unique_id", "withhold": text("A credential")}]
    world.maps.map = data_map(
        [service("support", dataset("tickets", tenancy="none", fields=fields, found_by=[by("email", "from")]))]
    )
    put(world.store, "tickets", {"from": MIRA.email, "hash": "canary", "undeclared": "canary"})
    request = await answered(world)
    with await opened(world, request.id) as package:
        assert all(b"canary" not in package.read(name) for name in package.namelist())
        assert package.read("data/tickets.csv").decode("utf-8-sig").splitlines()[0] == "from"
    (told,) = (await manifest_of(world, request.id))["datasets"]
    assert told["withheldFields"] == {"hash": "A credential"}
    assert told["records"] == 2


async def test_a_nested_field_stands_in_both_forms():
    world = memory_services()
    fields = ["from", "tags.owner", "tags.labels.name"]
    world.maps.map = data_map(
        [service("support", dataset("tickets", tenancy="none", fields=fields, found_by=[by("email", "from")]))]
    )
    world.store.drawers["memory", "tickets"].rows[:] = [
        {"from": MIRA.email, "tags": {"owner": "mira", "secret": "canary", "labels": [{"name": "a"}, {"name": "b"}]}}
    ]
    request = await answered(world)
    (record,) = await records_of(world, request.id, "tickets")
    assert record["tags"] == {"owner": "mira", "labels": [{"name": "a"}, {"name": "b"}]}
    with await opened(world, request.id) as package:
        (row,) = csv.DictReader(io.StringIO(package.read("data/tickets.csv").decode("utf-8-sig")))
    assert row == {"from": MIRA.email, "tags.owner": "mira", "tags.labels.name": '["a","b"]'}


async def test_half_a_surrogate_pair_comes_through_as_it_was_written():
    world = memory_services()
    text = json.loads('"a \\ud800 z"')
    world.store.drawers["memory", "tickets"].rows[:] = [{"from": MIRA.email, "subject": text}]
    request = await answered(world)
    (record,) = await records_of(world, request.id, "tickets")
    assert record["subject"] == text
    with await opened(world, request.id) as package:
        (row,) = csv.DictReader(io.StringIO(package.read("data/tickets.csv").decode("utf-8-sig")))
    assert row["subject"] == r"a \ud800 z"


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", '=HYPERLINK("http://x")']


async def test_no_cell_is_read_as_a_formula_and_nothing_is_lost():
    world = memory_services()
    rows = [{"from": MIRA.email, "subject": value, "body": f"line\n{value},;\"'"} for value in HOSTILE]
    world.store.drawers["memory", "tickets"].rows[:] = rows
    request = await answered(world)
    with await opened(world, request.id) as package:
        sheet = list(csv.DictReader(io.StringIO(package.read("data/tickets.csv").decode("utf-8-sig"), newline="")))
    assert [row["subject"] for row in sheet] == [f"'{value}" for value in HOSTILE]
    assert [row["body"] for row in sheet] == [row["body"] for row in rows]
    assert [row["subject"] for row in await records_of(world, request.id, "tickets")] == HOSTILE


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-5, -5),
        (1.5, 1.5),
        (None, None),
        (True, True),
        ("plain", "plain"),
        ({"a": "=1"}, '{"a":"=1"}'),
        (["=1"], '["=1"]'),
    ],
)
def test_other_values_stand_as_they_are(value, shown):
    assert cell(value) == shown


async def test_a_stores_names_become_no_paths():
    world = memory_services()
    for name in ("../../etc/passwd", "C:\\x.exe", "\u202egpj.exe", ""):
        put_file(world.store, "calls", {"by": MIRA.email}, name, b"data", "application/x-hostile; ../")
    request = await answered(world)
    with await opened(world, request.id) as package:
        files = [name for name in package.namelist() if name.startswith("files/")]
    assert files == [f"files/calls/{n:06d}{'.wav' if n == 1 else '.bin'}" for n in range(1, 6)]
    held = [one for one in (await manifest_of(world, request.id))["files"] if one["path"].startswith("files/")]
    assert [one["originalName"] for one in held][1] == "../../etc/passwd"


async def test_a_position_is_sealed():
    world = with_many_rows(step_for=timedelta(0))
    request = await in_state(world, State.COLLECTING)
    for _ in range(3):
        for command in world.bus.deliver():
            await world.deliver(command)
    (task,) = [one.row for one in (await world.requests.load(request.id)).tasks.values() if one.row.position]
    assert b"dataset" not in task.position


async def test_what_nobody_can_be_searched_for_makes_no_task():
    world = memory_services()
    request = await asked(world, signed_in=True, email=False)
    (command,) = world.bus.deliver()
    await world.deliver(command)
    case = await world.requests.load(request.id)
    assert set(case.tasks) == {"export.0.directory", "export.0.usage"}
    assert {task.row.due_at for task in case.tasks.values()} == {world.clock() + timedelta(hours=1)}


async def test_a_request_without_tasks_gets_an_answer_that_says_so():
    world = memory_services()
    world.maps.map = data_map(
        [service("usage", dataset("activity", fields=["oid"], found_by=[by("entra_object_id", "oid")]))]
    )
    request = await answered(world)
    assert request.state is State.COMPLETED
    assert datasets(await manifest_of(world, request.id)) == {"activity": "needs_sign_in"}
    assert CONTOSO not in json.dumps(await manifest_of(world, request.id))
