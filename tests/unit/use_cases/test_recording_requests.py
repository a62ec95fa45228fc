"""Requests from every other channel: due from their true receipt, proven all the same, with their evidence sealed."""

from datetime import UTC, datetime, timedelta

import pytest
from asking import code_of, now
from builders import CONTOSO, MIRA, NOBODY, memory_services
from deciding_world import FIRST, SECOND, WORDS, refused

from shared.domain.errors import IdempotencyMismatch, InvalidInput, NotAllowed, NotSignedIn
from shared.domain.states import State
from shared.messages.decision_inputs import ProposeVerdict, RecordRequest
from shared.messages.inputs import VouchIdentity

RECEIVED = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
EVIDENCE = "A letter of 19 October, scanned as 2026-114"


def letter(**given):
    return RecordRequest.model_validate(
        {
            "channel": "letter",
            "rights": ["access"],
            "email": MIRA.email,
            "receivedAt": RECEIVED,
            "evidence": EVIDENCE,
            "language": "nl",
        }
        | given
    )


async def recorded(world, caller=FIRST, key=None, **given):
    submitted = letter(**given)
    return await world.recording_requests(caller, submitted, submitted.model_dump_json().encode(), key)


@pytest.mark.parametrize("channel", ["email", "letter", "phone", "ticket", "authority"])
async def test_a_request_from_any_channel_is_due_from_its_true_receipt_and_proven_by_mail(channel):
    world = memory_services()
    request = await recorded(world, channel=channel)
    assert (request.state, request.channel, request.language) == (State.IDENTITY_PENDING, channel, "nl")
    assert (request.received_at, request.recorded_at) == (RECEIVED, world.clock())
    assert request.due_at.astimezone(UTC) == datetime(2026, 11, 19, 22, 59, 59, tzinfo=UTC)
    assert await world.deadlines.between(request.due_at, request.due_at, 5) == ([request.id], None)
    await world.drain()
    assert world.mailer.sent[-1].to == MIRA.email
    await world.confirm_identity(request.id, code_of(world, request.id))
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED


async def test_who_recorded_it_and_when_is_the_first_line_and_how_it_came_lies_sealed():
    world = memory_services()
    request = await recorded(world)
    [line] = await world.requests.history(request.id)
    assert (line.happening.value, line.actor, line.at) == ("recorded", FIRST.principal.object_id, world.clock())
    assert request.recorded_by == FIRST.principal.object_id
    assert EVIDENCE.encode() not in request.dossier
    assert (await world.reading_asks(SECOND, request.id)).recorded.evidence == EVIDENCE


async def test_an_account_that_is_claimed_proves_nothing():
    world = memory_services()
    request = await recorded(world, email=None, tenant=CONTOSO, objectId=MIRA.object_id)
    assert (request.attention, request.signed_in, request.owner_ref) == (("identity_to_establish",), False, None)
    dossier = await world.dossiers.of(request)
    assert (dossier.tenant, dossier.object_id) == (None, None)
    assert (dossier.recorded.tenant, dossier.recorded.object_id) == (CONTOSO, MIRA.object_id)
    assert (await world.requests.load(request.id)).open == {}


async def test_an_old_letter_has_its_whole_time_for_a_proof():
    world = memory_services()
    request = await recorded(world)
    await world.drain()
    await world.sweep(days=6)
    assert (await now(world, request.id)).attention == ()
    await world.sweep(days=2)
    assert (await now(world, request.id)).attention == ("proof_lapsed",)


async def test_an_authoritys_inquiry_is_a_case_that_people_answer():
    world = memory_services()
    request = await recorded(world, channel="authority", rights=["inquiry"], email=None)
    assert request.state is State.RECEIVED
    await world.drain()
    waiting = await now(world, request.id)
    assert (waiting.state, waiting.attention) == (State.DECIDING, ("decision_pending",))
    granted = ProposeVerdict(part=0, outcome="granted", text="Answered by letter of 3 November.")
    await world.deciding_parts.propose(SECOND, request.id, granted)
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED


async def test_two_inquiries_are_two_cases():
    world = memory_services()
    for _ in range(2):
        request = await recorded(world, channel="authority", rights=["inquiry"], email=None)
        await world.drain()
        assert (await now(world, request.id)).state is State.DECIDING


async def test_a_complaint_by_letter_is_recorded_proven_and_answered():
    world = memory_services()
    request = await recorded(world, rights=["complaint"], details={"complaint": {"statement": "Nobody answered"}})
    await world.drain()
    await world.confirm_identity(request.id, code_of(world, request.id))
    await world.drain()
    # Whoever recorded the complaint itself may propose: they had no part in what it is about.
    assert (await refused(world, request.id)).verdicts[0].text_hash is not None
    await world.drain()
    assert WORDS in world.mailer.sent[-1].text


async def test_the_same_call_again_finds_the_first_request():
    world = memory_services()
    first = await recorded(world, key="one")
    assert (await recorded(world, key="one")).id == first.id
    with pytest.raises(IdempotencyMismatch):
        await recorded(world, key="one", rights=["erasure"])
    assert (await recorded(world, SECOND, key="one")).id != first.id


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"receivedAt": datetime(2026, 11, 2, 9, 31, tzinfo=UTC)}, "receivedAt"),
        ({"rights": ["access", "access"]}, "rights"),
        ({"rights": ["everything"]}, "rights"),
        ({"rights": ["inquiry", "access"]}, "rights"),
        ({"details": {"erasure": {}}}, "details"),
        ({"tenant": CONTOSO}, "objectId"),
        ({"email": "not an address"}, "email"),
    ],
)
async def test_what_cannot_be_is_refused(given, field):
    world = memory_services()
    with pytest.raises(InvalidInput) as refusal:
        await recorded(world, **given)
    assert refusal.value.field == field


async def test_a_shorter_foreign_period_counts_from_the_true_receipt():
    world = memory_services()
    request = await recorded(world, country="BR")
    assert request.due_at - RECEIVED < timedelta(days=16)


@pytest.mark.parametrize(("caller", "error"), [(NOBODY, NotSignedIn), (MIRA.caller("Privacy.Operator"), NotAllowed)])
async def test_operators_of_ours_alone_record(caller, error):
    world = memory_services()
    with pytest.raises(error):
        await recorded(world, caller)


async def test_where_no_code_can_be_mailed_two_operators_establish_who_asks():
    world = memory_services()
    request = await recorded(world, email=None, tenant=CONTOSO, objectId=MIRA.object_id)
    given = VouchIdentity.model_validate(
        {"facts": ["invoice_number", "sign_up_month"], "tenant": CONTOSO, "objectId": MIRA.object_id}
    )
    await world.vouching_identity(FIRST, request.id, given)
    assert (await now(world, request.id)).state is State.IDENTITY_PENDING
    vouched = await world.vouching_identity(SECOND, request.id, given)
    assert (vouched.state, vouched.attention) == (State.RECEIVED, ())
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED
