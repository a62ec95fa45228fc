"""A copy in which others stand: nothing of it is handed over that nobody looked at."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import pytest
from asking import answered, datasets, happenings, manifest_of, now, opened
from builders import MIRA, TOM, put, put_file
from reviewed_cases import REVIEWER, ROSA, decide, include_all, reviewed_world

from shared.domain.errors import Conflict, InvalidInput, NotAllowed
from shared.domain.states import Happening, State
from shared.messages.commands import PlanRequest
from shared.ports.requests import Move
from shared.use_cases import review_items

TICKETS = [{"from": MIRA.email, "subject": f"Help {n}", "body": f"Tom said {n}"} for n in range(5)]


async def waiting(world, rights=("access",), tickets=TICKETS):
    """A request of Mira whose copy waits for a reviewer."""
    world.store.drawers["memory", "tickets"].rows[:] = [{"from": TOM.email, "subject": "Not hers", "body": "At all"}]
    put(world.store, "tickets", *tickets)
    request = await answered(world, signed_in=True, rights=rights)
    assert request.state is State.REVIEWING
    return request


async def told(world, request_id, dataset, right="access"):
    manifest = await manifest_of(world, request_id)
    return next(one for one in manifest["datasets"] if (one["id"], one["right"]) == (dataset, right))


async def records(world, request_id, path):
    with await opened(world, request_id) as package:
        return json.loads(package.read(path))["records"] if path in package.namelist() else []


async def test_a_copy_with_nothing_to_look_through_waits_for_nobody():
    world = reviewed_world()
    for name in ("tickets", "calls"):
        world.store.drawers["memory", name].rows.clear()
        world.store.drawers["memory", name].files.clear()
    request = await answered(world, signed_in=True)
    assert request.state is State.COMPLETED
    assert request.review is None
    assert "review_started" not in happenings(await world.requests.history(request.id))


async def test_what_others_stand_in_waits_and_the_rest_of_the_copy_with_it():
    world = reviewed_world()
    request = await waiting(world)
    assert request.attention == ("review_pending",)
    assert request.public == "in_progress"
    assert [(one.dataset, one.items) for one in request.review.sheets] == [("calls", 1), ("tickets", 5)]
    assert await world.packages.names(request.id) == []
    assert not [sent for sent in world.mailer.sent if "/exports/" in sent.text]
    found, cursor = await world.review_desk.waiting(REVIEWER, 10, None)
    assert ([one.id for one in found], cursor) == ([request.id], None)


async def test_what_is_included_is_handed_over_as_it_is():
    world = reviewed_world()
    request = await waiting(world)
    await include_all(world, request.id)
    await world.drain()
    request = await now(world, request.id)
    assert request.state is State.COMPLETED
    assert request.attention == ()
    assert await records(world, request.id, "data/tickets.json") == TICKETS
    with await opened(world, request.id) as package:
        assert package.read("files/calls/000001.wav") == b"RIFF" + bytes(2000)
    assert datasets(await manifest_of(world, request.id)) | {"tickets": "included", "calls": "included"} == datasets(
        await manifest_of(world, request.id)
    )
    assert (await told(world, request.id, "tickets"))["records"] == 5
    assert await world.review_desk.waiting(REVIEWER, 10, None) == ([], None)


async def test_items_are_excluded_and_redacted_one_by_one_with_their_grounds():
    world = reviewed_world()
    request = await waiting(world)
    others = {"ground": "rights_of_others"}
    await decide(
        world,
        request.id,
        {"item": "1.0", "decision": "exclude", **others},
        {"item": "1.1", "decision": "redact", "withhold": ["body"], **others},
        {"item": "1.2", "decision": "redact", "replace": {"body": "Somebody said 2"}, "ground": "uavg_41_i"},
    )
    assert (await now(world, request.id)).state is State.REVIEWING
    await decide(world, request.id, {"dataset": "calls", "decision": "exclude", "ground": "uavg_41_d"})
    await decide(world, request.id, {"dataset": "tickets", "decision": "include"})
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED
    assert await records(world, request.id, "data/tickets.json") == [
        TICKETS[1] | {"body": "[redacted]"},
        TICKETS[2] | {"body": "Somebody said 2"},
        *TICKETS[3:],
    ]
    tickets = await told(world, request.id, "tickets")
    assert tickets["state"] == "included"
    assert tickets["withheldItems"] == [{"ground": "rights_of_others", "count": 1}]
    assert tickets["redactedItems"] == [
        {"ground": "rights_of_others", "count": 1},
        {"ground": "uavg_41_i", "count": 1},
    ]
    calls = await told(world, request.id, "calls")
    assert (calls["state"], calls["withheldItems"]) == ("withheld", [{"ground": "uavg_41_d", "count": 1}])
    with await opened(world, request.id) as package:
        text = b"".join(package.read(name) for name in package.namelist())
    for gone in ("Tom said 0", "Tom said 1", "Tom said 2", "Not hers"):
        assert gone.encode() not in text


async def test_a_later_decision_takes_the_place_of_an_earlier_one_and_a_dataset_of_neither():
    world = reviewed_world()
    request = await waiting(world)
    await decide(world, request.id, {"item": "1.0", "decision": "include"}, {"item": "1.1", "decision": "include"})
    await decide(world, request.id, {"item": "1.0", "decision": "exclude", "ground": "rights_of_others"})
    await decide(world, request.id, {"dataset": "tickets", "decision": "exclude", "ground": "uavg_41_i"})
    assert (await now(world, request.id)).review.sheets[1].tally == {
        "include": 1,
        "exclude:rights_of_others": 1,
        "exclude:uavg_41_i": 3,
    }


async def test_what_nobody_looked_at_in_time_stays_behind_and_the_answer_is_partial():
    world = reviewed_world()
    request = await waiting(world)
    await decide(world, request.id, {"item": "1.3", "decision": "include"})
    until = request.due_at - world.settings.review_reserve
    await world.sweep(seconds=(until - world.clock()).total_seconds() - 60)
    await world.drain()
    assert (await now(world, request.id)).state is State.REVIEWING
    for _ in range(3):  # operators are warned first
        await world.sweep(seconds=120)
        await world.drain()
    request = await now(world, request.id)
    assert request.state is State.PARTIALLY_COMPLETED
    assert request.export.started_at < request.due_at
    assert await records(world, request.id, "data/tickets.json") == [TICKETS[3]]
    tickets = await told(world, request.id, "tickets")
    assert (tickets["state"], tickets["reason"], tickets["unreviewed"]) == ("incomplete", "not_reviewed", 4)
    assert (await told(world, request.id, "calls"))["unreviewed"] == 1
    assert await world.review_desk.waiting(REVIEWER, 10, None) == ([], None)


async def test_an_erasure_behind_the_copy_keeps_its_time():
    world = reviewed_world()
    request = await waiting(world, rights=("access", "erasure"))
    reserves = world.settings.review_reserve + world.settings.erasure_reserve
    assert world.reviewing_copies.until(request) == request.due_at - reserves


async def test_a_review_that_begins_late_has_half_of_the_time_that_is_left():
    world = reviewed_world()
    request = await waiting(world)
    late = request.review.model_copy(update={"started_at": request.due_at - timedelta(days=2)})
    request = request.model_copy(update={"review": late})
    assert world.reviewing_copies.until(request) == request.due_at - timedelta(days=1)


async def test_nobody_else_looks_and_nobody_at_their_own():
    world = reviewed_world()
    request = await waiting(world)
    own = MIRA.caller("Privacy.Reviewer")
    for caller in (MIRA.caller(), TOM.caller("Privacy.Reviewer"), ROSA.caller("Privacy.Operator"), own):
        with pytest.raises(NotAllowed):
            await world.review_desk.show(caller, request.id, 10, None)
        with pytest.raises(NotAllowed):
            await world.review_desk.waiting(caller, 10, None)
    world = reviewed_world(home_tenant_id=MIRA.tenant)
    request = await waiting(world)
    with pytest.raises(NotAllowed):
        await world.review_desk.show(own, request.id, 10, None)
    found, _ = await world.review_desk.waiting(own, 10, None)
    assert [one.id for one in found] == [request.id]


async def test_items_are_shown_page_by_page_and_every_look_is_on_record(monkeypatch):
    monkeypatch.setattr(review_items, "ITEMS", 3)
    world = reviewed_world()
    request = await waiting(world)
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = await world.review_desk.show(REVIEWER, request.id, 2, cursor)
        seen += [(one.id, one.item.record and one.item.record["subject"]) for one in page.items]
        cursor, pages = page.cursor, pages + 1
        assert ("email", MIRA.email) in {(one.kind, one.value) for one in page.person}
    assert seen == [("0.0", None), *[(f"{1 + n // 3}.{n % 3}", f"Help {n}") for n in range(5)]]
    looks = [one for one in await world.requests.history(request.id) if one.happening == "review_read"]
    assert [one.about for one in looks] == ["0.0-0", "1.0-1", "1.2-2", "2.0-1"]
    assert {one.actor for one in looks} == {ROSA.object_id}
    for nowhere in ("3.0", "1.3", "x", "1", "-1.0"):
        with pytest.raises(InvalidInput):
            await world.review_desk.show(REVIEWER, request.id, 2, nowhere)


@pytest.mark.parametrize(
    "wrong",
    [
        {"item": "1.5", "decision": "include"},
        {"item": "9.0", "decision": "include"},
        {"dataset": "users", "decision": "include"},
        {"decision": "include"},
        {"item": "1.0", "dataset": "tickets", "decision": "include"},
        {"item": "1.0", "decision": "exclude"},
        {"item": "1.0", "decision": "include", "ground": "rights_of_others"},
        {"item": "1.0", "decision": "redact", "ground": "rights_of_others"},
        {"item": "1.0", "decision": "redact", "ground": "rights_of_others", "withhold": ["oid"]},
        {"item": "0.0", "decision": "redact", "ground": "rights_of_others", "withhold": ["contact"]},
        {"dataset": "tickets", "decision": "redact", "ground": "rights_of_others", "withhold": ["body"]},
    ],
)
async def test_a_decision_that_does_not_fit_changes_nothing(wrong):
    world = reviewed_world()
    request = await waiting(world)
    with pytest.raises(InvalidInput):
        await decide(world, request.id, {"item": "1.4", "decision": "include"}, wrong)
    assert (await now(world, request.id)).review == request.review


async def test_a_review_is_over_when_its_request_is():
    world = reviewed_world()
    request = await waiting(world)
    await world.withdraw_request(MIRA.caller(), request.id)
    assert await world.review_desk.waiting(REVIEWER, 10, None) == ([], None)
    with pytest.raises(Conflict):
        await world.review_desk.show(REVIEWER, request.id, 10, None)
    await world.sweep(hours=1)
    assert await world.fragments.names(request.id) == []


async def test_nothing_of_a_review_outlives_the_package_but_its_counts():
    world = reviewed_world()
    request = await waiting(world)
    assert await world.fragments.names(request.id) != []
    await include_all(world, request.id)
    await world.drain()
    assert await world.fragments.names(request.id) == []
    kept = (await now(world, request.id)).model_dump_json(exclude={"dossier"})
    history = "".join(one.model_dump_json() for one in await world.requests.history(request.id))
    for secret in (MIRA.email, "Tom said", "Help"):
        assert secret not in kept + history + repr(world.bus.sent)


async def test_a_review_in_many_steps_and_sheets_comes_to_the_same(monkeypatch):
    monkeypatch.setattr(review_items, "ITEMS", 2)
    world = reviewed_world()
    world.store.page_size = 1
    world.clock.step = world.settings.step_for / 2
    request = await waiting(world)
    assert len(request.review.sheets) > 3
    await include_all(world, request.id)
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED
    with await opened(world, request.id) as package:
        names = [one for one in package.namelist() if one.startswith("data/tickets") and one.endswith(".json")]
        found = [record for name in sorted(names) for record in json.loads(package.read(name))["records"]]
    assert sorted(found, key=lambda one: one["subject"]) == TICKETS
    assert len(names) > 1


async def test_an_original_is_shown_by_a_link_and_handed_over_unaltered():
    world = reviewed_world()
    data = bytes(range(256)) * 20_000
    put_file(world.store, "calls", {"by": MIRA.email, "contact": "x"}, "second.wav", data, "audio/wav")
    request = await waiting(world)
    page = await world.review_desk.show(REVIEWER, request.id, 10, "0.1")
    assert page.items[0].item.file.size == len(data)
    assert "/held/" in page.items[0].link
    await include_all(world, request.id)
    await world.drain()
    with await opened(world, request.id) as package:
        assert package.read("files/calls/000002.wav") == data


async def moved(world, request_id, happening, *opens):
    read = await world.requests.read(request_id)
    after, entry = read.row.happened(happening, world.clock(), actor="operator")
    await world.mover.commit(Move(etag=read.etag, request=after, entry=entry, opens=opens))


async def test_a_review_that_a_doubt_broke_off_goes_on_with_what_was_decided():
    world = reviewed_world()
    request = await waiting(world)
    await decide(world, request.id, {"item": "1.0", "decision": "exclude", "ground": "rights_of_others"})
    await moved(world, request.id, Happening.DOUBT_RAISED)
    assert await world.review_desk.waiting(REVIEWER, 10, None) == ([], None)
    with pytest.raises(Conflict):
        await include_all(world, request.id)
    again = PlanRequest(request_id=UUID(request.id), reissue=7)
    await moved(world, request.id, Happening.DOUBT_CLEARED, again)
    for _ in range(3):
        await world.drain()
        await world.sweep(minutes=4)
    request = await now(world, request.id)
    assert request.state is State.REVIEWING
    assert [one.tally for one in request.review.sheets] == [{}, {"exclude:rights_of_others": 1}]
    assert [one.id for one in (await world.review_desk.waiting(REVIEWER, 10, None))[0]] == [request.id]
    await include_all(world, request.id)
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED
    assert await records(world, request.id, "data/tickets.json") == TICKETS[1:]


async def test_two_reviewers_at_once_lose_neither_decision():
    world = reviewed_world()
    request = await waiting(world)
    many = [decide(world, request.id, {"item": f"1.{n}", "decision": "include"}) for n in range(5)]
    await asyncio.gather(*many)
    assert (await now(world, request.id)).review.sheets[1].tally == {"include": 5}
