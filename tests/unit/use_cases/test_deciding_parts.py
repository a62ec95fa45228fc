"""Decisions by people: in favour at once, against by two, with a ground and words; and by nobody who is concerned."""

import asyncio
from datetime import timedelta

import pytest
from asking import asked, happenings, now, operator, proven
from builders import HOME, MIRA, NOBODY, Person, memory_services
from deciding_world import FIRST, REVIEWER, SECOND, THIRD, WORDS, refused, waiting

from shared.domain.ask import Ask, Correction
from shared.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn
from shared.domain.request import RequestId
from shared.domain.states import State
from shared.messages.decision_inputs import ConfirmVerdict, ProposeVerdict

GRANTED = ProposeVerdict(part=0, outcome="granted")
REFUSED = ProposeVerdict(part=0, outcome="refused", text=WORDS)
UNFOUNDED = ProposeVerdict(outcome="refused", ground="manifestly_unfounded", text=WORDS)


async def test_what_is_granted_counts_at_once_and_the_request_goes_on():
    world = memory_services()
    request = await waiting(world)
    assert (request.state, request.attention) == (State.DECIDING, ("decision_pending",))
    decided = await world.deciding_parts.propose(FIRST, request.id, GRANTED)
    assert (decided.verdicts[0].given_at, decided.verdicts[0].confirmed_by) == (world.clock(), None)
    assert decided.attention == ()
    await world.drain()
    assert (await now(world, request.id)).state is State.COMPLETED


async def test_what_goes_against_the_person_waits_for_a_second_one():
    world = memory_services()
    request = await waiting(world)
    proposed = await world.deciding_parts.propose(FIRST, request.id, REFUSED)
    assert (proposed.verdicts[0].given_at, proposed.verdict(0)) == (None, None)
    assert proposed.attention == ("decision_pending", "verdict_proposed")
    await world.drain()
    await world.sweep(hours=2)
    await world.drain()
    assert (await now(world, request.id)).state is State.DECIDING
    verdict = proposed.verdicts[0]
    decided = await world.deciding_parts.confirm(SECOND, request.id, ConfirmVerdict(part=0, verdictHash=verdict.hash))
    assert decided.verdicts[0].confirmed_by == SECOND.principal.object_id
    assert decided.attention == ()
    await world.drain()
    ended = await now(world, request.id)
    assert ended.state is State.REFUSED
    assert (ended.parts[0].state, ended.reason) == (State.REFUSED, None)


async def test_both_are_on_record_with_what_they_agreed_to_and_the_words_lie_sealed():
    world = memory_services()
    request = await waiting(world)
    ended = await refused(world, request.id)
    verdict = ended.verdicts[0]
    entries = [one for one in await world.requests.history(request.id) if one.happening.startswith("verdict")]
    assert [(one.happening.value, one.actor, one.about) for one in entries] == [
        ("verdict_proposed", FIRST.principal.object_id, verdict.hash),
        ("verdict_given", SECOND.principal.object_id, verdict.hash),
    ]
    assert WORDS.encode() not in verdict.text
    assert (await world.keys.of(request.id)).unlock(verdict.text).decode() == WORDS


async def test_nobody_confirms_their_own_proposal():
    world = memory_services()
    request = await waiting(world)
    proposed = await world.deciding_parts.propose(FIRST, request.id, REFUSED)
    with pytest.raises(NotAllowed):
        await world.deciding_parts.confirm(
            FIRST, request.id, ConfirmVerdict(part=0, verdictHash=proposed.verdicts[0].hash)
        )
    assert (await now(world, request.id)).verdict(0) is None


async def test_a_confirmation_is_bound_to_what_was_shown():
    world = memory_services()
    request = await waiting(world)
    shown = (await world.deciding_parts.propose(FIRST, request.id, REFUSED)).verdicts[0].hash
    await world.deciding_parts.drop(FIRST, request.id, 0)
    await world.deciding_parts.propose(FIRST, request.id, REFUSED.model_copy(update={"text": WORDS + " Not at all."}))
    with pytest.raises(Conflict, match="verdict_changed"):
        await world.deciding_parts.confirm(SECOND, request.id, ConfirmVerdict(part=0, verdictHash=shown))


async def test_a_proposal_can_be_dropped_and_is_gone():
    world = memory_services()
    request = await waiting(world)
    proposed = await world.deciding_parts.propose(FIRST, request.id, REFUSED)
    dropped = await world.deciding_parts.drop(THIRD, request.id, 0)
    assert (dropped.verdicts, dropped.attention) == ((), ("decision_pending",))
    with pytest.raises(Conflict, match="nothing_proposed"):
        await world.deciding_parts.confirm(
            SECOND, request.id, ConfirmVerdict(part=0, verdictHash=proposed.verdicts[0].hash)
        )
    with pytest.raises(Conflict, match="nothing_proposed"):
        await world.deciding_parts.drop(THIRD, request.id, 0)


async def test_everything_can_be_said_twice_and_counts_once():
    world = memory_services()
    request = await waiting(world)
    for _ in range(2):
        proposed = await world.deciding_parts.propose(FIRST, request.id, REFUSED)
    confirmation = ConfirmVerdict(part=0, verdictHash=proposed.verdicts[0].hash)
    for _ in range(2):
        await world.deciding_parts.confirm(SECOND, request.id, confirmation)
    kinds = happenings(await world.requests.history(request.id))
    assert (kinds.count("verdict_proposed"), kinds.count("verdict_given")) == (1, 1)


async def test_a_second_opinion_takes_no_proposal_away():
    world = memory_services()
    request = await waiting(world)
    await world.deciding_parts.propose(FIRST, request.id, REFUSED)
    with pytest.raises(Conflict, match="proposed_already"):
        await world.deciding_parts.propose(SECOND, request.id, GRANTED)


async def test_of_two_who_confirm_at_once_one_decision_comes():
    world = memory_services()
    request = await waiting(world)
    proposed = await world.deciding_parts.propose(FIRST, request.id, REFUSED)
    confirmation = ConfirmVerdict(part=0, verdictHash=proposed.verdicts[0].hash)
    found = await asyncio.gather(
        *(world.deciding_parts.confirm(one, request.id, confirmation) for one in (SECOND, THIRD)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Conflict) for one in found) == 1
    assert happenings(await world.requests.history(request.id)).count("verdict_given") == 1


@pytest.mark.parametrize(
    ("caller", "error"),
    [
        pytest.param(NOBODY, NotSignedIn, id="nobody"),
        pytest.param(MIRA.caller(), NotAllowed, id="the person"),
        pytest.param(MIRA.caller("Privacy.Operator"), NotAllowed, id="an operator of a customer"),
        pytest.param(MIRA.caller("Privacy.Reviewer"), NotAllowed, id="a reviewer of a customer"),
    ],
)
async def test_operators_and_reviewers_of_ours_alone_decide(caller, error):
    world = memory_services()
    request = await waiting(world)
    proposed = await world.deciding_parts.propose(FIRST, request.id, REFUSED)
    for attempt in (
        world.deciding_parts.propose(caller, request.id, GRANTED),
        world.deciding_parts.confirm(caller, request.id, ConfirmVerdict(part=0, verdictHash=proposed.verdicts[0].hash)),
        world.deciding_parts.drop(caller, request.id, 0),
        world.reading_asks(caller, request.id),
    ):
        with pytest.raises(error):
            await attempt


async def test_nobody_decides_about_themselves():
    world = memory_services()
    olga = Person(given="Olga", surname="de Wit", email="olga@spinpanel.example", tenant=HOME)
    request = await waiting(world, person=olga)
    caller = olga.caller("Privacy.Operator", "Privacy.Reviewer")
    for attempt in (
        world.deciding_parts.propose(caller, request.id, GRANTED),
        world.deciding_parts.drop(caller, request.id, 0),
        world.reading_asks(caller, request.id),
        world.extending(caller, request.id, "complexity"),
        world.clarifying.ask(caller, request.id, "What do you mean by that?"),
    ):
        with pytest.raises(NotAllowed):
            await attempt


async def test_a_look_by_a_human_is_decided_by_a_reviewer():
    world = memory_services()
    request = await waiting(world, "human_review")
    with pytest.raises(NotAllowed):
        await world.deciding_parts.propose(FIRST, request.id, GRANTED)
    decided = await world.deciding_parts.propose(REVIEWER, request.id, GRANTED)
    assert decided.verdict(0).proposed_by == REVIEWER.principal.object_id


async def test_a_complaint_is_decided_by_nobody_who_had_a_part_in_what_it_is_about():
    world = memory_services()
    earlier = await waiting(world)
    await refused(world, earlier.id)
    await world.drain()
    about = {"complaint": Ask(about=earlier.id, statement="They never looked at it")}
    complaint = await waiting(world, details=about)
    for concerned in (FIRST, SECOND):
        with pytest.raises(NotAllowed):
            await world.deciding_parts.propose(concerned, complaint.id, GRANTED)
        with pytest.raises(NotAllowed):
            await world.reading_asks(concerned, complaint.id)
    proposed = await world.deciding_parts.propose(THIRD, complaint.id, REFUSED)
    confirmation = ConfirmVerdict(part=0, verdictHash=proposed.verdicts[0].hash)
    with pytest.raises(NotAllowed):
        await world.deciding_parts.confirm(SECOND, complaint.id, confirmation)
    await world.deciding_parts.confirm(operator(5), complaint.id, confirmation)
    await world.drain()
    ended = await now(world, complaint.id)
    assert ended.state is State.REFUSED
    assert ended.told[-1].notice == "complaint_answered"
    assert WORDS in world.mailer.sent[-1].text


async def test_all_of_a_request_refused_ends_it_and_says_so_with_the_remedies():
    world = memory_services()
    request = await proven(world)
    ended = await refused(world, request.id, part=None, ground="manifestly_unfounded")
    assert (ended.state, ended.reason) == (State.REFUSED, "refused")
    await world.drain()
    ended = await now(world, request.id)
    assert ended.told[-1].notice == "refused"
    assert WORDS in world.mailer.sent[-1].text
    assert (await world.requests.load(request.id)).open == {}


async def test_a_fee_ends_a_request_too_and_is_asked_for_all_of_it_alone():
    world = memory_services()
    request = await proven(world)
    with pytest.raises(InvalidInput):
        await world.deciding_parts.propose(
            FIRST, request.id, ProposeVerdict(outcome="fee", ground="rights_of_others", text=WORDS)
        )
    ended = await refused(world, request.id, part=None, outcome="fee", ground="manifestly_excessive")
    assert (ended.state, ended.reason) == (State.REFUSED, "fee_asked")
    await world.drain()
    assert (await now(world, request.id)).told[-1].notice == "fee_asked"


async def test_a_new_code_opens_no_request_that_people_refused():
    world = memory_services()
    request = await proven(world)
    await refused(world, request.id, part=None, ground="identity_not_established")
    with pytest.raises(Conflict, match="refused"):
        await world.resend_code(request.id)
    assert (await now(world, request.id)).state is State.REFUSED


async def test_a_refusal_after_the_first_month_stands_and_is_marked():
    world = memory_services()
    request = await waiting(world)
    world.clock.advance(days=40)
    assert "refused_late" in (await refused(world, request.id)).attention


async def test_a_refusal_inside_the_first_month_is_not_marked():
    world = memory_services()
    request = await waiting(world)
    world.clock.now = world.answer_clock.first_month_ends(request)
    assert "refused_late" not in (await refused(world, request.id)).attention


async def test_what_is_granted_late_is_no_refusal():
    world = memory_services()
    request = await waiting(world)
    world.clock.advance(days=40)
    assert "refused_late" not in (await world.deciding_parts.propose(FIRST, request.id, GRANTED)).attention


@pytest.mark.parametrize(
    ("given", "field"),
    [
        pytest.param({"part": 7, "outcome": "granted"}, "part", id="no such part"),
        pytest.param({"part": 0, "outcome": "refused"}, "text", id="without words"),
        pytest.param(
            {"part": 0, "outcome": "refused", "ground": "rights_of_others", "text": WORDS}, "ground", id="ground"
        ),
        pytest.param({"part": 0, "outcome": "fee", "text": WORDS}, "outcome", id="fee for a part"),
        pytest.param(
            {"part": 0, "outcome": "partly", "text": WORDS, "corrections": [0]}, "corrections", id="corrections"
        ),
    ],
)
async def test_a_decision_that_the_law_does_not_know_is_refused(given, field):
    world = memory_services()
    request = await waiting(world)
    with pytest.raises(InvalidInput) as refusal:
        await world.deciding_parts.propose(FIRST, request.id, ProposeVerdict(**given))
    assert refusal.value.field == field
    assert (await now(world, request.id)).verdicts == ()


async def test_a_part_that_nobody_has_to_decide_is_not_decided_and_neither_is_one_that_ended():
    world = memory_services()
    request = await proven(world)
    with pytest.raises(Conflict, match="not_for_decision"):
        await world.deciding_parts.propose(FIRST, request.id, GRANTED)
    await world.drain()
    with pytest.raises(Conflict, match="not_while_completed"):
        await world.deciding_parts.propose(FIRST, request.id, UNFOUNDED)


async def test_corrections_are_granted_in_part_by_their_number():
    world = memory_services()
    wanted = tuple(Correction(dataset="users", field=name, value="x") for name in ("name", "upn"))
    request = await waiting(world, "rectification", details={"rectification": Ask(corrections=wanted)})
    assert request.state is State.DECIDING
    with pytest.raises(InvalidInput):
        await world.deciding_parts.propose(
            FIRST,
            request.id,
            ProposeVerdict(part=0, outcome="partly", ground="accuracy_established", text=WORDS, corrections=(2,)),
        )
    decided = await refused(world, request.id, outcome="partly", ground="accuracy_established", corrections=(1, 1))
    assert decided.verdict(0).corrections == (1,)


async def test_no_request_is_decided_before_somebody_proved_it_theirs():
    world = memory_services()
    unproven = await asked(world)
    with pytest.raises(Conflict, match="not_while_identity_pending"):
        await world.deciding_parts.propose(FIRST, unproven.id, UNFOUNDED)


async def test_a_request_that_is_not_there_is_not_found():
    world = memory_services()
    with pytest.raises(NotFound):
        await world.deciding_parts.propose(FIRST, RequestId("00000000-0000-4000-8000-00000000dead"), GRANTED)


async def test_whoever_decides_reads_the_persons_words_and_the_look_is_on_record():
    world = memory_services()
    words = "You told somebody else about me"
    request = await waiting(world, details={"complaint": Ask(statement=words)})
    await world.deciding_parts.propose(FIRST, request.id, REFUSED)
    shown = await world.reading_asks(SECOND, request.id)
    assert shown.asks["complaint"].statement == words
    assert [text for _, text in shown.verdicts] == [WORDS]
    newest = (await world.requests.history(request.id))[-1]
    assert (newest.happening.value, newest.actor) == ("ask_read", SECOND.principal.object_id)


async def test_what_waits_is_listed_the_first_due_first_and_what_was_decided_no_more():
    world = memory_services()
    first = await waiting(world)
    world.clock.advance(days=1)
    second = await waiting(world, details={"complaint": Ask(statement="Another matter")})
    await proven(world)
    found, cursor = await world.oversee_requests.undecided(FIRST, world.clock(), 50, None)
    assert ([one.id for one in found], cursor) == ([first.id, second.id], None)
    await world.deciding_parts.propose(FIRST, first.id, GRANTED)
    await world.drain()
    found, _ = await world.oversee_requests.undecided(FIRST, world.clock() + timedelta(days=1), 50, None)
    assert [one.id for one in found] == [second.id]


async def test_a_filtered_list_goes_on_where_it_stopped():
    world = memory_services()
    made = []
    for number in range(5):
        made.append((await waiting(world, details={"complaint": Ask(statement=f"Matter {number}")})).id)
        await proven(world, Person(given="A", surname="B", email=f"a{number}@example.org"))
        world.clock.advance(hours=25)
    first, last = world.clock() - timedelta(days=40), world.clock() + timedelta(days=60)
    found, cursor = [], None
    while True:
        page, cursor = await world.oversee_requests.page(FIRST, first, last, 2, cursor, attention="decision_pending")
        found += [one.id for one in page]
        assert len(page) <= 2
        if cursor is None:
            break
    assert found == made
    page, _ = await world.oversee_requests.page(FIRST, first, last, 50, None, state="received")
    assert {one.state for one in page} == {State.RECEIVED}
