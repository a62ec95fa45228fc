"""A copy and an erasure in one request, broken once at every seam there is: it always comes to the same end."""

import io
import json
import zipfile
from functools import cache

import pytest
from asking import opened
from builders import MIRA, NAMESAKE, TOM, memory_services
from faulty_world import Fault, Seam, World, stock

from shared import wiring
from shared.domain.certificate_checking import verify
from shared.domain.request import Entry
from shared.domain.service_task import Work
from shared.domain.states import Happening, State

ERASED = {"users": 1, "signups": 1, "activity": 1, "tickets": 1, "deals": 7}
KINDS = ("crash before", "crash after", "throttled", "answer lost")


@pytest.fixture(autouse=True)
def _no_graph_is_left_behind():
    yield
    wiring.override(None)


async def lived(world: World) -> str:
    request_id = await world.asked()
    await world.heals(request_id)
    return request_id


@cache
def planted() -> dict[tuple[str, str], list[dict]]:
    """Every row as it was laid in, by drawer."""
    world = memory_services()
    stock(world.store)
    wiring.override(None)
    return {place: [dict(row) for row in drawer.rows] for place, drawer in world.store.drawers.items()}


def rows_of(rows, person):
    return [row for row in rows if person.object_id in json.dumps(row) or person.email in json.dumps(row)]


async def wrong_with(world: World, request_id: str) -> list[str]:
    """Return what is not as it has to be at the end of every life."""
    case = await world.raw.requests.load(request_id)
    request, history = case.request.row, await world.raw.requests.history(request_id)
    shown = {one.dataset: one.count for task in case.of(Work.ERASE) for one in task.receipts}
    happened = [line.happening for line in history]
    certificates = [name for name in await world.raw.packages.names(request_id) if "certificate" in name]
    sent = {one.headers["Idempotency-Key"] for one in world.raw.egress.sent}
    boxes = {mail.key for mail in world.raw.mailer.sent if mail.to == "desk@partner.example"}
    certified = [mail.key for mail in world.raw.mailer.sent if "certificate" in mail.text]
    checks = {
        "it ended": request.state is State.COMPLETED,
        "its parts ended": {part.state for part in request.parts} == {State.COMPLETED},
        "it was certified once": happened.count(Happening.CERTIFIED) == 1,
        "it was handed over once": happened.count(Happening.HANDED_OVER) == 1,
        "its history holds": broken_at(history) is None,
        "nothing is open": not case.open and not world.raw.bus.waiting,
        "nothing is dead": not world.life.dead,
        "its counts are right": {name: shown.get(name) for name in ERASED} == ERASED and shown.get("visits") == 2,
        "the certificate is there": request.certificate is not None and request.certificate.name in certificates,
        "the package is there": f"{request_id}/package.zip" in await world.raw.packages.names(request_id),
        "what was looked through is in it": await looked_through(world, request_id) == (["Mira asks for help"], 1),
        "the partner was told one thing": len(sent) == 1,
        "the mailbox was told one thing": len(boxes) == 1,
        "the person was told one thing": len(set(certified)) == 1,
    }
    return [*(name for name, well in checks.items() if not well), *rows_wrong(world), *await unproven(world, request)]


async def looked_through(world: World, request_id: str) -> tuple[list[str], int]:
    """Return the tickets in the copy, and how many calls."""
    with await opened(world.raw, request_id) as package:
        calls = sum(name.startswith("files/calls/") for name in package.namelist())
        if "data/tickets.json" not in package.namelist():
            return [], calls
        return [one["body"] for one in json.loads(package.read("data/tickets.json"))["records"]], calls


def rows_wrong(world: World) -> list[str]:
    """Return the drawers in which something is left of the person, or changed of anybody else."""
    wrong = []
    assert all(sum(bool(rows_of(rows, one)) for rows in planted().values()) > 5 for one in (MIRA, TOM, NAMESAKE))
    for place, before in planted().items():
        rows = [dict(row) for row in world.store.drawers[place].rows]
        drawer = place[1]
        if drawer in ERASED and (not rows_of(before, MIRA) or rows_of(rows, MIRA)):
            wrong.append(f"{drawer} still holds the person")
        if drawer == "visits" and [row for row in rows if row.keys() == {"page"}] != [{"page": "/a"}, {"page": "/b"}]:
            wrong.append("visits are not anonymised")
        if drawer == "invoices" and rows != before:
            wrong.append("what is retained changed")
        others = [one for one in (TOM, NAMESAKE) if rows_of(rows, one) != rows_of(before, one)]
        wrong += [f"{drawer} of {other.given} changed" for other in others]
    return wrong


async def unproven(world: World, request) -> list[str]:
    """Return what the signed certificate does not show."""
    data = await world.raw.packages.read(request.certificate.name, 0, request.certificate.size)
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        checked = verify(box.read("certificate.sd-jwt").decode(), json.loads(box.read("keys.json")))
    told = {one["dataset"]: (one["outcome"], one.get("count")) for one in checked.lines.values() if "dataset" in one}
    wanted = {name: ("erased", count) for name, count in ERASED.items()}
    wanted |= {"visits": ("anonymised", 2), "invoices": ("retained", 1)}
    return [f"the certificate says {told.get(name)} of {name}" for name, one in wanted.items() if told.get(name) != one]


def broken_at(lines) -> int | None:
    head = ""
    for place, line in enumerate(lines):
        if line != Entry.chained(head, place + 1, line):
            return place
        head = line.hash
    return None


async def seams() -> dict[Seam, list[int]]:
    """Return every seam of an undisturbed life, with the calls to break: each that wrote, or else the first."""
    world = World()
    world.life.writes = {}
    request_id = await lived(world)
    assert await wrong_with(world, request_id) == []
    assert {"requests", "bus", "packages", "mailer", "connector", "waits"} <= {seam.port for seam in world.life.writes}
    return {seam: world.life.writes.get(seam, [1]) for seam in world.life.calls}


async def broken_lives(kind: str, told, chosen: dict[Seam, list[int]], wrong_of=wrong_with) -> None:
    """Live once for every call that is to break, and say which lives came to another end."""
    faults = [(seam, at) for seam, calls in chosen.items() for at in calls]
    wrong, crashes, struck = {}, 0, 0
    for seam, at in faults:
        world = World(Fault(seam, kind, at))
        try:
            found = await wrong_of(world, await lived(world))
        except AssertionError as error:
            found = [str(error)]
        struck += world.life.fault.struck
        crashes += world.life.crashes
        if found:
            wrong[f"{'/'.join(seam)} #{at}"] = found
    told((kind, len(chosen), len(faults), crashes, len(faults) - len(wrong)))
    assert wrong == {}
    assert struck == len(faults)


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_breaks_once_at_any_seam_the_end_is_the_same(kind, told):
    await broken_lives(kind, told, await seams())


async def test_any_message_may_be_lost(told):
    sending = {seam: calls for seam, calls in (await seams()).items() if seam.port == "bus"}
    assert len(sending) >= 5
    await broken_lives("lost", told, sending)


async def not_honest(world: World, request_id: str) -> list[str]:
    """Return what is wrong with the end of a request of which a service refused a part for good."""
    request, history = (await world.raw.requests.read(request_id)).row, await world.raw.requests.history(request_id)
    happened = [line.happening for line in history]
    ends = [
        happened.count(one) for one in (Happening.CERTIFIED, Happening.CERTIFIED_PARTIAL, Happening.ERASURE_STOPPED)
    ]
    checks = {
        "it ended": request.state.is_final,
        "it ended in one way": sum(ends) == 1,
        "nothing is dead": not world.life.dead,
        "what failed is said": request.state is State.PARTIALLY_COMPLETED or ends[0] == 1,
        "its history holds": broken_at(history) is None,
    }
    others = [line for line in rows_wrong(world) if "changed" in line]
    return [*(name for name, well in checks.items() if not well), *others]


async def test_a_service_that_refuses_for_good_ends_in_an_honest_answer(told):
    services = {seam: calls for seam, calls in (await seams()).items() if seam.port == "connector"}
    assert len(services) >= 3
    await broken_lives("refused", told, services, not_honest)


@pytest.mark.parametrize("order", ["as sent", "reversed", "lock expired"])
async def test_messages_may_come_in_any_order_and_to_two_workers_at_once(order, told):
    world = World(order=order)
    assert await wrong_with(world, await lived(world)) == []
    told((order, len(world.life.calls), 1, 0, 1))


async def test_a_slow_service_is_worked_through_in_many_steps(told):
    quick, slow = World(), World()
    slow.raw.clock.step = slow.raw.settings.step_for / 3
    for world in (quick, slow):
        assert await wrong_with(world, await lived(world)) == []
    assert slow.life.calls.total() > quick.life.calls.total()
    told(("slow", len(slow.life.calls), 1, 0, 1))


async def test_every_kind_of_message_may_come_twice(told):
    kinds = {seam.during for seam in await seams()} - {"http", "sweep"}
    assert {"advance_request", "run_service_task", "plan_request", "assemble_export", "send_notice"} <= kinds
    wrong = {}
    for kind in kinds:
        world = World(doubled=kind)
        found = await wrong_with(world, await lived(world))
        if found:
            wrong[kind] = found
    told(("delivered twice", len(kinds), len(kinds), 0, len(kinds) - len(wrong)))
    assert wrong == {}
