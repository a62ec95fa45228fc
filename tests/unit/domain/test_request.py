"""The state machine: one table, every pair in it said, and a history that cannot be changed unseen."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from shared.domain.errors import Conflict
from shared.domain.request import Entry, Line, Part, Request, RequestId, opened
from shared.domain.states import FINAL, MOVES, Happening, State

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
H, S = Happening, State
COPYING = {S.RECEIVED, S.COLLECTING, S.REVIEWING, S.ASSEMBLING}
WORKING = COPYING | {S.DECIDING, S.APPLYING}
HELD = {S.DOUBTED, S.CLARIFYING, S.FORWARDED}
AHEAD = {S.HANDED_OVER, S.SURVEYING, S.COOLING_OFF, S.APPROVAL_PENDING, S.HALTED}
ERASING = {S.ERASING, S.INFORMING, S.CERTIFYING}
ANSWERED = {S.COMPLETED, S.PARTIALLY_COMPLETED}
PROVEN = WORKING | AHEAD | ERASING | ANSWERED
UNDECIDED = {S.IDENTITY_PENDING} | HELD | WORKING | AHEAD
RUNNING = UNDECIDED | ERASING
BEHIND_A_COPY = {S.DOUBTED, S.DECIDING, S.APPLYING, S.REFUSED} | AHEAD | ERASING | ANSWERED
CUSTOMERS = {S.FORWARDED, S.UNANSWERED}
SETTLING = {S.RECEIVED, S.HANDED_OVER, S.APPLYING}
STAYS = "stays"

# What is allowed, written down apart from the table: (happening, from these states, to this one).
ALLOWED = [
    (H.CODE_ISSUED, {S.IDENTITY_PENDING, S.CLARIFYING} | PROVEN | CUSTOMERS, STAYS),
    (H.CODE_ISSUED, {S.REFUSED}, S.IDENTITY_PENDING),
    (H.CODE_DELAYED, {S.IDENTITY_PENDING, S.CLARIFYING} | PROVEN | CUSTOMERS, STAYS),
    (H.CODE_REJECTED, {S.IDENTITY_PENDING, S.CLARIFYING} | PROVEN | CUSTOMERS, STAYS),
    (H.IDENTITY_PROVEN, {S.IDENTITY_PENDING}, S.RECEIVED),
    (H.PROOF_RENEWED, {S.CLARIFYING} | PROVEN | CUSTOMERS, STAYS),
    (H.SECOND_PROOF_ASKED, {S.RECEIVED}, S.IDENTITY_PENDING),
    (H.IDENTITY_VOUCHED, {S.IDENTITY_PENDING}, S.RECEIVED),
    (H.AUTHORITY_CHECKED, {S.RECEIVED}, STAYS),
    (H.DOUBT_RAISED, {S.IDENTITY_PENDING, S.FORWARDED, S.CLARIFYING} | WORKING | AHEAD, S.DOUBTED),
    (H.DOUBT_RAISED, ANSWERED, STAYS),
    (H.DOUBT_CLEARED, {S.DOUBTED}, S.RECEIVED),
    (H.DOUBT_CLEARED, ANSWERED, STAYS),
    (H.JOINED, {S.RECEIVED}, S.JOINED),
    (H.CLARIFICATION_ASKED, {S.RECEIVED, S.COLLECTING, S.DECIDING}, S.CLARIFYING),
    (H.CLARIFIED, {S.CLARIFYING}, S.RECEIVED),
    (H.FORWARDED, {S.RECEIVED, S.DOUBTED}, S.FORWARDED),
    (H.GRANTED, CUSTOMERS, S.RECEIVED),
    (H.CONTROLLER_REFUSED, CUSTOMERS, S.REFUSED),
    (H.CONTROLLER_REMINDED, {S.FORWARDED}, STAYS),
    (H.CONTROLLER_SILENT, {S.FORWARDED}, S.UNANSWERED),
    (H.COMMENTED, RUNNING | {S.UNANSWERED}, STAYS),
    (H.DISCLOSED, set(State), STAYS),
    (H.EXTENDED, RUNNING, STAYS),
    (H.SERVICE_REMINDED, RUNNING, STAYS),
    (H.ESCALATED, RUNNING, STAYS),
    (H.AT_RISK, RUNNING, STAYS),
    (H.VERDICT_PROPOSED, RUNNING | ANSWERED, STAYS),
    (H.VERDICT_GIVEN, RUNNING, STAYS),
    (H.VERDICT_DROPPED, RUNNING, STAYS),
    (H.REFUSED, UNDECIDED, S.REFUSED),
    (H.ASK_READ, set(State), STAYS),
    (H.PROOF_FAILED, {S.IDENTITY_PENDING}, STAYS),
    (H.PROOF_LAPSED, {S.IDENTITY_PENDING}, STAYS),
    (H.ENDED_UNPROVEN, {S.IDENTITY_PENDING}, S.REFUSED),
    (H.DISOWNED, {S.IDENTITY_PENDING}, S.WITHDRAWN),
    (H.PLANNING_FAILED, {S.RECEIVED}, STAYS),
    (H.PLANNED, {S.RECEIVED}, S.COLLECTING),
    (H.COLLECTED, {S.RECEIVED, S.COLLECTING}, S.ASSEMBLING),
    (H.REVIEW_STARTED, {S.ASSEMBLING}, S.REVIEWING),
    (H.REVIEW_READ, {S.REVIEWING}, STAYS),
    (H.ITEM_REVIEWED, {S.REVIEWING}, STAYS),
    (H.REVIEWED, {S.REVIEWING}, S.ASSEMBLING),
    (H.ASSEMBLY_ADVANCED, {S.ASSEMBLING}, STAYS),
    (H.ASSEMBLED, {S.ASSEMBLING}, S.COMPLETED),
    (H.ASSEMBLED_INCOMPLETE, {S.ASSEMBLING}, S.PARTIALLY_COMPLETED),
    (H.HANDED_OVER, {S.ASSEMBLING}, S.HANDED_OVER),
    (H.TAKEN_UP, {S.RECEIVED, S.HANDED_OVER}, S.DECIDING),
    (H.DECIDED, {S.DECIDING}, S.APPLYING),
    (H.APPLIED, {S.APPLYING}, STAYS),
    (H.HANDED_ON, {S.APPLYING}, S.HANDED_OVER),
    (H.SETTLED, SETTLING, S.COMPLETED),
    (H.SETTLED_PARTIAL, SETTLING, S.PARTIALLY_COMPLETED),
    (H.SETTLED_REFUSED, SETTLING, S.REFUSED),
    (H.LIFTING_ANNOUNCED, ANSWERED, STAYS),
    (H.LIFTED, ANSWERED, STAYS),
    (H.REMINDED, {S.HANDED_OVER}, STAYS),
    (H.WAIVED, {S.HANDED_OVER}, STAYS),
    (H.ERASURE_STOPPED, AHEAD, S.PARTIALLY_COMPLETED),
    (H.SURVEY_STARTED, {S.RECEIVED, S.HANDED_OVER, S.APPLYING, S.SURVEYING, S.HALTED}, S.SURVEYING),
    (H.PLAN_MADE, {S.SURVEYING}, S.COOLING_OFF),
    (H.PLAN_REMADE, {S.SURVEYING}, S.APPROVAL_PENDING),
    (H.COOLED_OFF, {S.COOLING_OFF}, S.APPROVAL_PENDING),
    (H.APPROVED, {S.COOLING_OFF, S.APPROVAL_PENDING}, STAYS),
    (H.BRAKED, {S.COOLING_OFF, S.APPROVAL_PENDING}, STAYS),
    (H.HALTED, {S.COOLING_OFF, S.APPROVAL_PENDING, S.ERASING}, S.HALTED),
    (H.ERASURE_STARTED, {S.COOLING_OFF, S.APPROVAL_PENDING}, S.ERASING),
    (H.WAVE_ERASED, {S.ERASING}, STAYS),
    (H.ERASED, {S.ERASING}, S.INFORMING),
    (H.INFORMED, {S.ERASING, S.INFORMING}, S.CERTIFYING),
    (H.TASK_CLAIMED, {S.COLLECTING, S.APPLYING, S.SURVEYING} | ERASING, STAYS),
    (H.TASK_CLOSED, {S.COLLECTING, S.APPLYING, S.SURVEYING} | ERASING, STAYS),
    (H.CERTIFIED, {S.CERTIFYING}, S.COMPLETED),
    (H.CERTIFIED_PARTIAL, {S.CERTIFYING}, S.PARTIALLY_COMPLETED),
    (H.ERASURE_WITHDRAWN, AHEAD, S.COMPLETED),
    (H.ERASURE_WITHDRAWN_PARTIAL, AHEAD, S.PARTIALLY_COMPLETED),
    (H.TRACES_ERASED, ANSWERED, STAYS),
    (H.WITHDRAWN, UNDECIDED, S.WITHDRAWN),
    (H.NOTIFIED, set(State), STAYS),
    (H.MAIL_REFUSED, set(State), STAYS),
    (H.LINK_RENEWED, BEHIND_A_COPY, STAYS),
    (H.LINK_REVOKED, BEHIND_A_COPY, STAYS),
    (H.DOWNLOADED, BEHIND_A_COPY, STAYS),
    (H.PACKAGE_EXPIRED, BEHIND_A_COPY, STAYS),
]
EXPECTED = {
    (before, happening): before if after == STAYS else after
    for happening, states, after in ALLOWED
    for before in states
}


def request_in(state: State) -> Request:
    made = Request(
        id=RequestId("00000000-0000-4000-8000-000000000001"),
        state=state,
        parts=(Part(right="access", state=state), Part(right="access", tenant="t", own=False, state=state)),
        language="en",
        channel="api",
        signed_in=False,
        received_at=NOW,
        due_at=NOW + timedelta(days=30),
        body_hash="",
        dossier=b"",
    )
    return made.model_copy(update={"seq": 4, "head": "before"})


@pytest.mark.parametrize(("state", "happening"), list(product(State, Happening)))
def test_every_pair_of_state_and_happening_is_moved_or_refused_as_said(state, happening):
    request = request_in(state)
    expected = EXPECTED.get((state, happening))
    if expected is None:
        with pytest.raises(Conflict) as refused:
            request.happened(happening, NOW)
        assert refused.value.code == f"not_while_{state.public}"
        return
    after, entry = request.happened(happening, NOW)
    assert after.state is expected
    assert {part.state for part in after.parts} == {expected}
    assert (entry.before, entry.after, entry.seq) == (state, expected, 5)
    assert (after.seq, after.head) == (5, entry.hash)
    assert (after.ended_at is not None) == (expected in FINAL)


def test_a_request_opens_in_these_ways_only():
    by_people = {H.SUBMITTED, H.SUBMITTED_SIGNED_IN, H.RECORDED, H.INQUIRED}
    split_off = {H.FORWARDED, H.INSTRUCTED}
    assert {happening for before, happening in MOVES if before is None} == by_people | split_off


def test_changes_go_along_and_never_name_the_state():
    after, _ = request_in(S.IDENTITY_PENDING).happened(H.ENDED_UNPROVEN, NOW, reason="late", state=S.COMPLETED)
    assert (after.reason, after.state) == ("late", S.REFUSED)


def test_the_end_is_when_it_first_ended_and_a_reopened_request_has_none():
    ended, _ = request_in(S.IDENTITY_PENDING).happened(H.ENDED_UNPROVEN, NOW)
    later, _ = ended.happened(H.NOTIFIED, NOW + timedelta(hours=1))
    assert later.ended_at == NOW
    reopened, _ = later.happened(H.CODE_ISSUED, NOW + timedelta(hours=2))
    assert reopened.ended_at is None


def test_a_part_that_came_to_its_own_end_stays_there():
    request = request_in(S.HANDED_OVER)
    copied = request.parts[0].model_copy(update={"state": S.COMPLETED})
    request = request.model_copy(update={"parts": (copied, request.parts[1])})
    after, _ = request.happened(H.SURVEY_STARTED, NOW)
    assert [part.state for part in after.parts] == [S.COMPLETED, S.SURVEYING]


def test_a_request_that_was_refused_opens_again_in_all_its_parts():
    after, _ = request_in(S.REFUSED).happened(H.CODE_ISSUED, NOW)
    assert {part.state for part in after.parts} == {S.IDENTITY_PENDING}


def test_an_erasure_that_deletes_can_be_withdrawn_no_more():
    withdrawing = {H.WITHDRAWN, H.ERASURE_WITHDRAWN, H.ERASURE_WITHDRAWN_PARTIAL, H.ERASURE_STOPPED}
    assert not [(state, one) for state in ERASING for one in withdrawing if (state, one) in MOVES]


def test_our_own_steps_have_one_public_word():
    assert {state.public for state in State} == {
        "identity_pending",
        "received",
        "in_progress",
        "completed",
        "partially_completed",
        "refused",
        "withdrawn",
        "clarification_pending",
        "forwarded",
        "joined",
        "unanswered",
    }


def history() -> list[Entry]:
    request, first = opened(request_in(S.RECEIVED), H.SUBMITTED_SIGNED_IN)
    lines = [first]
    for minute, happening in enumerate((H.PLANNED, H.COLLECTED, H.ASSEMBLED, H.NOTIFIED)):
        request, entry = request.happened(happening, NOW + timedelta(minutes=minute))
        lines.append(entry)
    return lines


def broken_at(lines: list[Entry]) -> int | None:
    head = ""
    for place, line in enumerate(lines):
        told = Line.model_validate(line.model_dump(include=set(Line.model_fields)))
        if line != Entry.chained(head, place + 1, told):
            return place
        head = line.hash
    return None


def test_a_history_is_a_chain_from_its_first_line():
    lines = history()
    assert [line.seq for line in lines] == [1, 2, 3, 4, 5]
    assert broken_at(lines) is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"at": NOW + timedelta(days=1)}, id="time"),
        pytest.param({"happening": H.WITHDRAWN}, id="happening"),
        pytest.param({"after": S.REFUSED}, id="state after"),
        pytest.param({"before": S.REFUSED}, id="state before"),
        pytest.param({"actor": "somebody else"}, id="who did it"),
        pytest.param({"about": "another plan"}, id="what it was about"),
        pytest.param({"hash": "0" * 64}, id="hash"),
    ],
)
def test_a_changed_line_breaks_the_chain(change):
    lines = history()
    lines[2] = lines[2].model_copy(update=change)
    assert broken_at(lines) == 2


def test_a_missing_line_breaks_the_chain():
    lines = history()
    assert broken_at([*lines[:2], *lines[3:]]) == 2
