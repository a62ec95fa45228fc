"""The state machine: one table, every pair in it said, and a history that cannot be changed unseen."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from shared.domain.errors import Conflict
from shared.domain.request import FINAL, MOVES, Entry, Happening, Part, Request, RequestId, State, opened

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
H, S = Happening, State
WORKING = {S.RECEIVED, S.COLLECTING, S.ASSEMBLING}
ANSWERED = {S.COMPLETED, S.PARTIALLY_COMPLETED}
STAYS = "stays"

# What is allowed, written down apart from the table: (happening, from these states, to this one).
ALLOWED = [
    (H.CODE_ISSUED, {S.IDENTITY_PENDING} | WORKING | ANSWERED, STAYS),
    (H.CODE_ISSUED, {S.REFUSED}, S.IDENTITY_PENDING),
    (H.CODE_DELAYED, {S.IDENTITY_PENDING} | WORKING | ANSWERED, STAYS),
    (H.CODE_REJECTED, {S.IDENTITY_PENDING} | WORKING | ANSWERED, STAYS),
    (H.IDENTITY_PROVEN, {S.IDENTITY_PENDING}, S.RECEIVED),
    (H.PROOF_RENEWED, WORKING | ANSWERED, STAYS),
    (H.PROOF_FAILED, {S.IDENTITY_PENDING}, S.REFUSED),
    (H.PROOF_LAPSED, {S.IDENTITY_PENDING}, S.REFUSED),
    (H.DISOWNED, {S.IDENTITY_PENDING}, S.WITHDRAWN),
    (H.PLANNING_FAILED, {S.RECEIVED}, STAYS),
    (H.PLANNED, {S.RECEIVED}, S.COLLECTING),
    (H.COLLECTED, {S.RECEIVED, S.COLLECTING}, S.ASSEMBLING),
    (H.ASSEMBLY_ADVANCED, {S.ASSEMBLING}, STAYS),
    (H.ASSEMBLED, {S.ASSEMBLING}, S.COMPLETED),
    (H.ASSEMBLED_INCOMPLETE, {S.ASSEMBLING}, S.PARTIALLY_COMPLETED),
    (H.WITHDRAWN, {S.IDENTITY_PENDING} | WORKING, S.WITHDRAWN),
    (H.NOTIFIED, set(State), STAYS),
    (H.MAIL_REFUSED, set(State), STAYS),
    (H.LINK_RENEWED, ANSWERED, STAYS),
    (H.LINK_REVOKED, ANSWERED, STAYS),
    (H.DOWNLOADED, ANSWERED, STAYS),
    (H.PACKAGE_EXPIRED, ANSWERED, STAYS),
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


def test_a_request_opens_in_two_ways_only():
    assert {happening for before, happening in MOVES if before is None} == {H.SUBMITTED, H.SUBMITTED_SIGNED_IN}


def test_changes_go_along_and_never_name_the_state():
    after, _ = request_in(S.IDENTITY_PENDING).happened(H.PROOF_LAPSED, NOW, reason="late", state=S.COMPLETED)
    assert (after.reason, after.state) == ("late", S.REFUSED)


def test_the_end_is_when_it_first_ended_and_a_reopened_request_has_none():
    ended, _ = request_in(S.IDENTITY_PENDING).happened(H.PROOF_LAPSED, NOW)
    later, _ = ended.happened(H.NOTIFIED, NOW + timedelta(hours=1))
    assert later.ended_at == NOW
    reopened, _ = later.happened(H.CODE_ISSUED, NOW + timedelta(hours=2))
    assert reopened.ended_at is None


def test_our_own_steps_have_one_public_word():
    assert {state.public for state in State} == {
        "identity_pending",
        "received",
        "in_progress",
        "completed",
        "partially_completed",
        "refused",
        "withdrawn",
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
        if line != Entry.chained(head, place + 1, line.happening, line.at, line.before, line.after):
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
