"""Word to recipients: under the identifier they know, repeated under one id, and their answers on record."""

import json
from datetime import timedelta

import pytest
from asking import asked, now
from builders import MIRA, Person, put
from erasing_world import erased, erasing_world, erasure_services, pass_time, recipient_lines, started, swept

from shared.domain.errors import Permanent
from shared.domain.states import State
from shared.ports.egress import Answer


def answering(world, *answers: Answer):
    """Let the recipient give these answers, one after another, and the last of them for ever."""
    left = list(answers)

    async def answer(_):
        return left.pop(0) if len(left) > 1 else left[0]

    world.egress.answer = answer


def said(status: int, body: bytes = b"") -> Answer:
    return Answer(status=status, headers={}, body=body)


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        pytest.param(b'{"status": "acknowledged"}', "acknowledged", id="acknowledged"),
        pytest.param(b'{"status": "erased", "more": 1}', "erased", id="erased"),
        pytest.param(b'{"status": "nothing_held"}', "nothing_held", id="nothing held"),
        pytest.param(b'{"status": "refused"}', "refused", id="refused"),
        pytest.param(b'{"status": "canary"}', "told", id="a word of its own"),
        pytest.param(b"canary", "told", id="no JSON"),
        pytest.param(b"", "told", id="nothing"),
    ],
)
async def test_what_a_recipient_answers_is_on_record_and_in_the_certificate(body, outcome):
    world = erasing_world()
    answering(world, said(200, body))
    request = await erased(world)
    assert request.state is State.COMPLETED
    assert (await recipient_lines(world, request))["analytics"].outcome == outcome
    task = (await world.requests.load(request.id)).tasks["inform1.0.analytics"].row
    assert task.outcome == outcome


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_recipient_that_is_not_there_for_now_is_told_later_under_the_same_id(status):
    world = erasing_world()
    answering(world, said(status), said(status), said(200, b'{"status": "acknowledged"}'))
    request_id = await started(world)
    await world.drain()
    assert (await now(world, request_id)).state is State.INFORMING
    for _ in range(3):
        pass_time(world, timedelta(minutes=2))
        await world.drain()
    request = await now(world, request_id)
    assert request.state is State.COMPLETED
    assert (await recipient_lines(world, request))["analytics"].outcome == "acknowledged"
    assert len(world.egress.sent) == 3
    assert len({sent.headers["Idempotency-Key"] for sent in world.egress.sent}) == 1
    assert len({sent.body for sent in world.egress.sent}) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 410])
async def test_a_recipient_that_refuses_the_call_is_not_called_again_and_the_certificate_says_so(status):
    world = erasing_world()
    answering(world, said(status))
    request = await erased(world)
    assert request.state is State.COMPLETED
    line = (await recipient_lines(world, request))["analytics"]
    assert (line.outcome, line.reason) == ("not_reached", f"recipient_answered_{status}")
    assert len(world.egress.sent) == 1


async def test_a_recipient_hears_what_went_and_whose_it_was_and_no_more():
    world = erasing_world()
    await erased(world)
    (sent,) = world.egress.sent
    told = json.loads(sent.body)
    assert told == {
        "notification": sent.headers["Idempotency-Key"],
        "happening": "erased",
        "datasets": ["activity"],
        "identifiers": [{"kind": "entra_object_id", "value": MIRA.object_id}],
    }
    assert MIRA.email.encode() not in sent.body
    (mail,) = [one for one in world.mailer.sent if one.to == "privacy@courier.example"]
    assert MIRA.email in mail.text
    assert not [word for word in (MIRA.object_id, MIRA.surname) if word in mail.text]


async def test_a_recipient_that_knows_people_by_what_we_do_not_know_of_this_one_is_not_reached():
    services = erasure_services()
    services[-1]["datasets"][0]["recipients"][0]["notify"]["identifier"] = "entra_object_id"
    world = erasing_world(services)
    stranger = Person(given="Una", surname="Known", email="una@elsewhere.example")
    put(world.store, "letters", {"to": stranger.email, "sentTo": ["courier"]})
    request = await erased(world, person=stranger, signed_in=False)
    assert request.state is State.COMPLETED
    line = (await recipient_lines(world, request))["courier"]
    assert (line.outcome, line.reason) == ("not_reached", "identifier_unknown")
    assert "privacy@courier.example" not in [one.to for one in world.mailer.sent]


async def test_a_recipient_that_left_the_map_is_told_nothing_and_the_certificate_says_so():
    world = erasing_world()
    request_id = await started(world)
    while (await now(world, request_id)).state is State.ERASING:
        for command in world.bus.deliver():
            await world.deliver(command)
    services = [
        service.model_copy(
            update={
                "datasets": tuple(one.model_copy(update={"recipients": ()}) for one in service.datasets),
            }
        )
        for service in world.maps.map.services
    ]
    world.maps.map = world.maps.map.model_copy(update={"services": tuple(services)})
    await world.drain()
    request = await now(world, request_id)
    assert request.state is State.COMPLETED
    assert {(one.outcome, one.reason) for one in (await recipient_lines(world, request)).values()} == {
        ("not_reached", "recipient_left_the_data_map")
    }
    assert world.egress.sent == []


async def test_a_mailbox_that_refuses_is_not_reached():
    world = erasing_world()
    send = world.mailer.send

    async def refused(mail):
        if mail.to == "privacy@courier.example":
            raise Permanent("mail_refused_550")
        await send(mail)

    world.mailer.send = refused
    request = await erased(world)
    line = (await recipient_lines(world, request))["courier"]
    assert (line.outcome, line.reason) == ("not_reached", "mail_refused_550")


async def test_a_recipient_that_never_answers_holds_the_certificate_up_for_its_time_and_no_longer():
    world = erasing_world(inform_within=timedelta(hours=6))
    answering(world, said(503))
    request_id = await started(world)
    begun = world.clock()
    await world.drain()
    request = await swept(world, request_id, State.COMPLETED, every=0.5)
    assert timedelta(hours=6) <= world.clock() - begun < timedelta(hours=9)
    line = (await recipient_lines(world, request))["analytics"]
    assert (line.outcome, line.reason) == ("not_reached", "time_limit")


async def test_whoever_always_receives_a_dataset_hears_that_it_is_restricted():
    world = erasing_world()
    details = {"restriction": {"ground": "18-1-b", "datasets": ["activity"]}}
    request = await asked(world, signed_in=True, email=False, rights=("restriction",), details=details)
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED
    (sent,) = world.egress.sent
    told = json.loads(sent.body)
    assert (told["happening"], told["datasets"], "corrections" in told) == ("restricted", ["activity"], False)


@pytest.mark.parametrize("said_so", ["rectified", "restricted"])
async def test_a_recipient_may_answer_in_the_word_of_what_happened(said_so):
    world = erasing_world()
    answering(world, said(200, json.dumps({"status": said_so}).encode()))
    details = {"restriction": {"ground": "18-1-b", "datasets": ["activity"]}}
    request = await asked(world, signed_in=True, email=False, rights=("restriction",), details=details)
    await world.drain()
    assert (await world.requests.load(request.id)).tasks["tell.0.analytics"].row.outcome == said_so
