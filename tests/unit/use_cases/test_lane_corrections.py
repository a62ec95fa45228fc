"""Corrections by a service that listens to its own lane: what it is told, and what its word is worth."""

import pytest
from asking import asked, now
from builders import CONTOSO, MIRA, FixedMaps, data_map, text
from lane_world import SERVICE, done, failed, lane_messages, lane_world, services

from shared.adapters.memory_egress import MemoryEgress
from shared.domain.errors import InvalidInput
from shared.domain.request import RequestId
from shared.domain.service_task import TaskState, Work
from shared.domain.states import State

RIGHT = {"dataset": "events", "field": "page", "value": "/right"}
HOOK = "https://partner.example/corrections"


def correcting_services():
    """The services of that world, where people say themselves which page it was."""
    made = services()
    events = made[-2]["datasets"][0]
    events["fields"][-1] = {"name": "page", "category": "user", "rectify": "self"}
    notify = {"how": "http", "address": HOOK, "identifier": "entra_object_id"}
    events["recipients"] = [
        {"name": "Partner", "id": "partner", "purpose": text("Selling"), "country": "IE", "notify": notify}
    ]
    return made


async def correcting(*corrections):
    """A world, and the task that the service hears of."""
    world = lane_world(maps=FixedMaps(data_map(correcting_services())), egress=MemoryEgress())
    details = {"rectification": {"corrections": list(corrections or [RIGHT])}}
    await asked(world, MIRA, signed_in=True, email=False, rights=("rectification",), details=details)
    (message,) = await lane_messages(world)
    return world, message


async def task_of(world, message):
    return (await world.requests.read_task(RequestId(str(message.request_id)), message.task))[1].row


async def test_a_claim_says_which_fields_change_and_to_what():
    world, message = await correcting()
    claim = await world.claim_task(SERVICE, message.task_id)
    assert (claim.work, claim.may_proceed, claim.upload) == (Work.RECTIFY, True, None)
    (only,) = claim.datasets
    assert (only.id, only.values, only.action) == ("events", {"page": "/right"}, None)
    assert [(one.kind, one.value, one.tenant) for one in only.identifiers] == [
        ("entra_object_id", MIRA.object_id, CONTOSO)
    ]
    assert "/right" not in repr(claim)


async def test_a_held_dataset_is_not_to_be_corrected():
    world, message = await correcting()

    class Held:
        async def held(self, request_id, part):
            return frozenset({"events"})

    world.holds = Held()
    claim = await world.claim_task(SERVICE, message.task_id)
    assert (claim.may_proceed, claim.datasets) == (False, ())


async def test_its_word_ends_the_task_and_whoever_receives_the_records_is_told():
    world, message = await correcting()
    await world.claim_task(SERVICE, message.task_id)
    await world.answer_task(SERVICE, message.task_id, done(events=4))
    task = await task_of(world, message)
    assert (task.state, task.counts) == (TaskState.DONE, {"events": 4})
    await lane_messages(world)
    assert [sent.url for sent in world.egress.sent] == [HOOK]
    assert (await now(world, str(message.request_id))).state is State.COMPLETED


async def test_where_it_holds_nothing_nobody_is_told():
    world, message = await correcting()
    await world.answer_task(SERVICE, message.task_id, done(events=0))
    await lane_messages(world)
    assert world.egress.sent == []
    assert (await now(world, str(message.request_id))).state is State.COMPLETED


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(done(), id="nothing-told"),
        pytest.param(done(events=1, opens=1), id="never-asked-for"),
        pytest.param(failed(events=1).model_copy(update={"status": "done"}), id="something-is-still-wrong"),
    ],
)
async def test_what_shows_less_than_was_asked_is_not_recorded(outcome):
    world, message = await correcting()
    with pytest.raises(InvalidInput):
        await world.answer_task(SERVICE, message.task_id, outcome)
    assert (await task_of(world, message)).state is TaskState.PENDING


async def test_what_it_gives_up_waits_for_an_operator():
    world, message = await correcting()
    await world.answer_task(SERVICE, message.task_id, failed("value_does_not_fit"))
    task = await task_of(world, message)
    assert (task.state, task.reason) == (TaskState.MANUAL, "value_does_not_fit")
