"""Where a request can be, what can happen to it, and the one table that says what follows from what."""

from enum import StrEnum


class State(StrEnum):
    """Where a request is. `public` gives the word that people read."""

    IDENTITY_PENDING = "identity_pending"
    RECEIVED = "received"
    COLLECTING = "collecting"
    ASSEMBLING = "assembling"
    HANDED_OVER = "handed_over"
    SURVEYING = "surveying"
    COOLING_OFF = "cooling_off"
    APPROVAL_PENDING = "approval_pending"
    HALTED = "halted"
    ERASING = "erasing"
    INFORMING = "informing"
    CERTIFYING = "certifying"
    COMPLETED = "completed"
    PARTIALLY_COMPLETED = "partially_completed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def public(self) -> str:
        """The status word of our API; our own steps are all `in_progress`."""
        return "in_progress" if self in _IN_PROGRESS else self.value

    @property
    def is_final(self) -> bool:
        """Nothing more happens by itself."""
        return self in FINAL


FINAL = frozenset({State.COMPLETED, State.PARTIALLY_COMPLETED, State.REFUSED, State.WITHDRAWN})
ANSWERED = frozenset({State.COMPLETED, State.PARTIALLY_COMPLETED})
# A copy and an erasure in one request: the copy was handed over, and the erasure is still to be done.
ERASURE_AHEAD = frozenset({State.HANDED_OVER, State.SURVEYING, State.COOLING_OFF, State.APPROVAL_PENDING, State.HALTED})
_IN_PROGRESS = ERASURE_AHEAD | {
    State.COLLECTING,
    State.ASSEMBLING,
    State.ERASING,
    State.INFORMING,
    State.CERTIFYING,
}


class Happening(StrEnum):
    """What can happen to a request; each is one line of its history."""

    SUBMITTED = "submitted"
    SUBMITTED_SIGNED_IN = "submitted_signed_in"
    CODE_ISSUED = "code_issued"
    CODE_DELAYED = "code_delayed"
    CODE_REJECTED = "code_rejected"
    IDENTITY_PROVEN = "identity_proven"
    PROOF_RENEWED = "proof_renewed"
    PROOF_FAILED = "proof_failed"
    PROOF_LAPSED = "proof_lapsed"
    DISOWNED = "disowned"
    PLANNING_FAILED = "planning_failed"
    PLANNED = "planned"
    COLLECTED = "collected"
    ASSEMBLY_ADVANCED = "assembly_advanced"
    ASSEMBLED = "assembled"
    ASSEMBLED_INCOMPLETE = "assembled_incomplete"
    HANDED_OVER = "handed_over"
    REMINDED = "reminded"
    WAIVED = "waived"
    ERASURE_STOPPED = "erasure_stopped"
    SURVEY_STARTED = "survey_started"
    PLAN_MADE = "plan_made"
    PLAN_REMADE = "plan_remade"
    COOLED_OFF = "cooled_off"
    APPROVED = "approved"
    BRAKED = "braked"
    HALTED = "halted"
    ERASURE_STARTED = "erasure_started"
    WAVE_ERASED = "wave_erased"
    ERASED = "erased"
    INFORMED = "informed"
    TASK_CLAIMED = "task_claimed"
    TASK_CLOSED = "task_closed"
    CERTIFIED = "certified"
    CERTIFIED_PARTIAL = "certified_partial"
    ERASURE_WITHDRAWN = "erasure_withdrawn"
    ERASURE_WITHDRAWN_PARTIAL = "erasure_withdrawn_partial"
    TRACES_ERASED = "traces_erased"
    WITHDRAWN = "withdrawn"
    NOTIFIED = "notified"
    MAIL_REFUSED = "mail_refused"
    LINK_RENEWED = "link_renewed"
    LINK_REVOKED = "link_revoked"
    DOWNLOADED = "downloaded"
    PACKAGE_EXPIRED = "package_expired"


_UNPROVEN = (State.IDENTITY_PENDING,)
_WORKING = (State.RECEIVED, State.COLLECTING, State.ASSEMBLING)
_AHEAD = tuple(ERASURE_AHEAD)
_ERASING = (State.ERASING, State.INFORMING, State.CERTIFYING)
_ANSWERED = (State.COMPLETED, State.PARTIALLY_COMPLETED)
_ALIVE = (*_WORKING, *_AHEAD, *_ERASING, *_ANSWERED)
_ANY = tuple(State)


def _staying(states: tuple[State, ...], *happenings: Happening) -> dict[tuple[State | None, Happening], State]:
    return {(state, happening): state for state in states for happening in happenings}


MOVES: dict[tuple[State | None, Happening], State] = {
    (None, Happening.SUBMITTED): State.IDENTITY_PENDING,
    (None, Happening.SUBMITTED_SIGNED_IN): State.RECEIVED,
    (State.IDENTITY_PENDING, Happening.CODE_REJECTED): State.IDENTITY_PENDING,
    (State.IDENTITY_PENDING, Happening.IDENTITY_PROVEN): State.RECEIVED,
    (State.IDENTITY_PENDING, Happening.PROOF_FAILED): State.REFUSED,
    (State.IDENTITY_PENDING, Happening.PROOF_LAPSED): State.REFUSED,
    (State.IDENTITY_PENDING, Happening.DISOWNED): State.WITHDRAWN,
    (State.REFUSED, Happening.CODE_ISSUED): State.IDENTITY_PENDING,
    (State.RECEIVED, Happening.PLANNING_FAILED): State.RECEIVED,
    # A copy
    (State.RECEIVED, Happening.PLANNED): State.COLLECTING,
    (State.RECEIVED, Happening.COLLECTED): State.ASSEMBLING,
    (State.COLLECTING, Happening.COLLECTED): State.ASSEMBLING,
    (State.ASSEMBLING, Happening.ASSEMBLY_ADVANCED): State.ASSEMBLING,
    (State.ASSEMBLING, Happening.ASSEMBLED): State.COMPLETED,
    (State.ASSEMBLING, Happening.ASSEMBLED_INCOMPLETE): State.PARTIALLY_COMPLETED,
    # A copy before an erasure
    (State.ASSEMBLING, Happening.HANDED_OVER): State.HANDED_OVER,
    **_staying((State.HANDED_OVER,), Happening.REMINDED, Happening.WAIVED),
    **{(state, Happening.ERASURE_STOPPED): State.PARTIALLY_COMPLETED for state in _AHEAD},
    # An erasure
    **{
        (state, Happening.SURVEY_STARTED): State.SURVEYING
        for state in (State.RECEIVED, State.HANDED_OVER, State.SURVEYING, State.HALTED)
    },
    (State.SURVEYING, Happening.PLAN_MADE): State.COOLING_OFF,
    (State.SURVEYING, Happening.PLAN_REMADE): State.APPROVAL_PENDING,
    (State.COOLING_OFF, Happening.COOLED_OFF): State.APPROVAL_PENDING,
    **_staying((State.COOLING_OFF, State.APPROVAL_PENDING), Happening.APPROVED, Happening.BRAKED),
    **{(state, Happening.HALTED): State.HALTED for state in (State.COOLING_OFF, State.APPROVAL_PENDING, State.ERASING)},
    **{(state, Happening.ERASURE_STARTED): State.ERASING for state in (State.COOLING_OFF, State.APPROVAL_PENDING)},
    (State.ERASING, Happening.WAVE_ERASED): State.ERASING,
    (State.ERASING, Happening.ERASED): State.INFORMING,
    **{(state, Happening.INFORMED): State.CERTIFYING for state in (State.ERASING, State.INFORMING)},
    (State.CERTIFYING, Happening.CERTIFIED): State.COMPLETED,
    (State.CERTIFYING, Happening.CERTIFIED_PARTIAL): State.PARTIALLY_COMPLETED,
    **{(state, Happening.ERASURE_WITHDRAWN): State.COMPLETED for state in _AHEAD},
    **{(state, Happening.ERASURE_WITHDRAWN_PARTIAL): State.PARTIALLY_COMPLETED for state in _AHEAD},
    **_staying(_ANSWERED, Happening.TRACES_ERASED),
    # Around it
    **{(state, Happening.WITHDRAWN): State.WITHDRAWN for state in (*_UNPROVEN, *_WORKING, *_AHEAD)},
    **_staying((*_UNPROVEN, *_ALIVE), Happening.CODE_ISSUED, Happening.CODE_DELAYED),
    **_staying(_ALIVE, Happening.CODE_REJECTED, Happening.PROOF_RENEWED),
    **_staying(_ANY, Happening.NOTIFIED, Happening.MAIL_REFUSED),
    **_staying((State.COLLECTING, State.SURVEYING, *_ERASING), Happening.TASK_CLAIMED, Happening.TASK_CLOSED),
    **_staying(
        (*_AHEAD, *_ERASING, *_ANSWERED),
        Happening.LINK_RENEWED,
        Happening.LINK_REVOKED,
        Happening.DOWNLOADED,
        Happening.PACKAGE_EXPIRED,
    ),
}
