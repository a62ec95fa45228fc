"""Where a request can be, what can happen to it, and the one table that says what follows from what."""

from enum import StrEnum


class State(StrEnum):
    """Where a request is. `public` gives the word that people read."""

    IDENTITY_PENDING = "identity_pending"
    DOUBTED = "doubted"
    FORWARDED = "forwarded"
    RECEIVED = "received"
    CLARIFYING = "clarifying"
    COLLECTING = "collecting"
    REVIEWING = "reviewing"
    ASSEMBLING = "assembling"
    HANDED_OVER = "handed_over"
    DECIDING = "deciding"
    APPLYING = "applying"
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
    JOINED = "joined"
    UNANSWERED = "unanswered"

    @property
    def public(self) -> str:
        """The status word of our API; our own steps are all `in_progress`."""
        return "in_progress" if self in _IN_PROGRESS else _PUBLIC.get(self, self.value)

    @property
    def is_final(self) -> bool:
        """Nothing more happens by itself."""
        return self in FINAL


# `unanswered` has ended for us, and no less can still be decided by the controller whose case it is.
FINAL = frozenset(
    {
        State.COMPLETED,
        State.PARTIALLY_COMPLETED,
        State.REFUSED,
        State.WITHDRAWN,
        State.JOINED,
        State.UNANSWERED,
    }
)
ANSWERED = frozenset({State.COMPLETED, State.PARTIALLY_COMPLETED})
# A copy and an erasure in one request: the copy was handed over, and the erasure is still to be done.
ERASURE_AHEAD = frozenset({State.HANDED_OVER, State.SURVEYING, State.COOLING_OFF, State.APPROVAL_PENDING, State.HALTED})
_IN_PROGRESS = ERASURE_AHEAD | {
    State.COLLECTING,
    State.REVIEWING,
    State.ASSEMBLING,
    State.DECIDING,
    State.APPLYING,
    State.ERASING,
    State.INFORMING,
    State.CERTIFYING,
}
_PUBLIC = {State.DOUBTED: "identity_pending", State.CLARIFYING: "clarification_pending"}


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
    SECOND_PROOF_ASKED = "second_proof_asked"
    IDENTITY_VOUCHED = "identity_vouched"
    ENDED_UNPROVEN = "ended_unproven"
    AUTHORITY_CHECKED = "authority_checked"
    DOUBT_RAISED = "doubt_raised"
    DOUBT_CLEARED = "doubt_cleared"
    RECORDED = "recorded"
    INQUIRED = "inquired"
    JOINED = "joined"
    CLARIFICATION_ASKED = "clarification_asked"
    CLARIFIED = "clarified"
    # Whose request it is
    FORWARDED = "forwarded"
    INSTRUCTED = "instructed"
    GRANTED = "granted"
    CONTROLLER_REFUSED = "controller_refused"
    CONTROLLER_REMINDED = "controller_reminded"
    CONTROLLER_SILENT = "controller_silent"
    COMMENTED = "commented"
    DISCLOSED = "disclosed"
    # Clocks
    EXTENDED = "extended"
    SERVICE_REMINDED = "service_reminded"
    ESCALATED = "escalated"
    AT_RISK = "at_risk"
    # Decisions by people
    VERDICT_PROPOSED = "verdict_proposed"
    VERDICT_GIVEN = "verdict_given"
    VERDICT_DROPPED = "verdict_dropped"
    ASK_READ = "ask_read"
    REFUSED = "refused"
    PLANNING_FAILED = "planning_failed"
    PLANNED = "planned"
    COLLECTED = "collected"
    REVIEW_STARTED = "review_started"
    REVIEW_READ = "review_read"
    ITEM_REVIEWED = "item_reviewed"
    REVIEWED = "reviewed"
    ASSEMBLY_ADVANCED = "assembly_advanced"
    ASSEMBLED = "assembled"
    ASSEMBLED_INCOMPLETE = "assembled_incomplete"
    HANDED_OVER = "handed_over"
    TAKEN_UP = "taken_up"
    DECIDED = "decided"
    APPLIED = "applied"
    HANDED_ON = "handed_on"
    SETTLED = "settled"
    SETTLED_PARTIAL = "settled_partial"
    SETTLED_REFUSED = "settled_refused"
    LIFTING_ANNOUNCED = "lifting_announced"
    LIFTED = "lifted"
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
_HELD = (State.DOUBTED, State.CLARIFYING, State.FORWARDED)
_COPYING = (State.RECEIVED, State.COLLECTING, State.REVIEWING, State.ASSEMBLING)
_WORKING = (*_COPYING, State.DECIDING, State.APPLYING)
_AHEAD = tuple(ERASURE_AHEAD)
_ERASING = (State.ERASING, State.INFORMING, State.CERTIFYING)
_ANSWERED = (State.COMPLETED, State.PARTIALLY_COMPLETED)
_ALIVE = (*_WORKING, *_AHEAD, *_ERASING, *_ANSWERED)
_UNDECIDED = (*_UNPROVEN, *_HELD, *_WORKING, *_AHEAD)  # nothing was done yet that could not be left undone
_RUNNING = (*_UNDECIDED, *_ERASING)
_ANY = tuple(State)


def _staying(states: tuple[State, ...], *happenings: Happening) -> dict[tuple[State | None, Happening], State]:
    return {(state, happening): state for state in states for happening in happenings}


MOVES: dict[tuple[State | None, Happening], State] = {
    (None, Happening.SUBMITTED): State.IDENTITY_PENDING,
    (None, Happening.SUBMITTED_SIGNED_IN): State.RECEIVED,
    (State.IDENTITY_PENDING, Happening.CODE_REJECTED): State.IDENTITY_PENDING,
    (State.IDENTITY_PENDING, Happening.IDENTITY_PROVEN): State.RECEIVED,
    **_staying(_UNPROVEN, Happening.PROOF_FAILED, Happening.PROOF_LAPSED),
    (State.IDENTITY_PENDING, Happening.DISOWNED): State.WITHDRAWN,
    (None, Happening.RECORDED): State.IDENTITY_PENDING,
    (None, Happening.INQUIRED): State.RECEIVED,
    (State.RECEIVED, Happening.SECOND_PROOF_ASKED): State.IDENTITY_PENDING,
    (State.IDENTITY_PENDING, Happening.IDENTITY_VOUCHED): State.RECEIVED,
    (State.IDENTITY_PENDING, Happening.ENDED_UNPROVEN): State.REFUSED,
    (State.RECEIVED, Happening.AUTHORITY_CHECKED): State.RECEIVED,
    **{
        (state, Happening.DOUBT_RAISED): State.DOUBTED
        for state in (*_UNPROVEN, *_WORKING, *_AHEAD, State.FORWARDED, State.CLARIFYING)
    },
    (State.DOUBTED, Happening.DOUBT_CLEARED): State.RECEIVED,
    (State.DOUBTED, Happening.FORWARDED): State.FORWARDED,
    **_staying(_ANSWERED, Happening.DOUBT_RAISED, Happening.DOUBT_CLEARED, Happening.VERDICT_PROPOSED),
    (State.RECEIVED, Happening.JOINED): State.JOINED,
    **{
        (state, Happening.CLARIFICATION_ASKED): State.CLARIFYING
        for state in (State.RECEIVED, State.COLLECTING, State.DECIDING)
    },
    (State.CLARIFYING, Happening.CLARIFIED): State.RECEIVED,
    # A case of a customer, who decides it
    (None, Happening.FORWARDED): State.FORWARDED,
    (None, Happening.INSTRUCTED): State.RECEIVED,
    **{(state, Happening.GRANTED): State.RECEIVED for state in (State.FORWARDED, State.UNANSWERED)},
    **{(state, Happening.CONTROLLER_REFUSED): State.REFUSED for state in (State.FORWARDED, State.UNANSWERED)},
    (State.FORWARDED, Happening.CONTROLLER_SILENT): State.UNANSWERED,
    (State.RECEIVED, Happening.FORWARDED): State.FORWARDED,
    **_staying(
        (State.FORWARDED, State.UNANSWERED),
        Happening.CODE_ISSUED,
        Happening.CODE_DELAYED,
        Happening.CODE_REJECTED,
        Happening.PROOF_RENEWED,
    ),
    **_staying((State.FORWARDED,), Happening.CONTROLLER_REMINDED),
    **_staying((*_RUNNING, State.UNANSWERED), Happening.COMMENTED),
    **_staying(_ANY, Happening.DISCLOSED),
    # Clocks and decisions
    **_staying(
        _RUNNING,
        Happening.EXTENDED,
        Happening.SERVICE_REMINDED,
        Happening.ESCALATED,
        Happening.AT_RISK,
        Happening.VERDICT_PROPOSED,
        Happening.VERDICT_GIVEN,
        Happening.VERDICT_DROPPED,
    ),
    **{(state, Happening.REFUSED): State.REFUSED for state in _UNDECIDED},
    (State.REFUSED, Happening.CODE_ISSUED): State.IDENTITY_PENDING,
    (State.RECEIVED, Happening.PLANNING_FAILED): State.RECEIVED,
    # A copy
    (State.RECEIVED, Happening.PLANNED): State.COLLECTING,
    (State.RECEIVED, Happening.COLLECTED): State.ASSEMBLING,
    (State.COLLECTING, Happening.COLLECTED): State.ASSEMBLING,
    (State.ASSEMBLING, Happening.REVIEW_STARTED): State.REVIEWING,
    **_staying((State.REVIEWING,), Happening.REVIEW_READ, Happening.ITEM_REVIEWED),
    (State.REVIEWING, Happening.REVIEWED): State.ASSEMBLING,
    (State.ASSEMBLING, Happening.ASSEMBLY_ADVANCED): State.ASSEMBLING,
    (State.ASSEMBLING, Happening.ASSEMBLED): State.COMPLETED,
    (State.ASSEMBLING, Happening.ASSEMBLED_INCOMPLETE): State.PARTIALLY_COMPLETED,
    # What else was asked, settled before an erasure: measures, corrections, decisions by people
    **{(state, Happening.TAKEN_UP): State.DECIDING for state in (State.RECEIVED, State.HANDED_OVER)},
    (State.DECIDING, Happening.DECIDED): State.APPLYING,
    (State.APPLYING, Happening.APPLIED): State.APPLYING,
    (State.APPLYING, Happening.HANDED_ON): State.HANDED_OVER,
    **{
        (state, happening): end
        for state in (State.RECEIVED, State.HANDED_OVER, State.APPLYING)
        for happening, end in (
            (Happening.SETTLED, State.COMPLETED),
            (Happening.SETTLED_PARTIAL, State.PARTIALLY_COMPLETED),
            (Happening.SETTLED_REFUSED, State.REFUSED),
        )
    },
    **_staying(_ANSWERED, Happening.LIFTING_ANNOUNCED, Happening.LIFTED),
    # A copy before what else was asked
    (State.ASSEMBLING, Happening.HANDED_OVER): State.HANDED_OVER,
    **_staying((State.HANDED_OVER,), Happening.REMINDED, Happening.WAIVED),
    **{(state, Happening.ERASURE_STOPPED): State.PARTIALLY_COMPLETED for state in _AHEAD},
    # An erasure
    **{
        (state, Happening.SURVEY_STARTED): State.SURVEYING
        for state in (State.RECEIVED, State.HANDED_OVER, State.APPLYING, State.SURVEYING, State.HALTED)
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
    **{(state, Happening.WITHDRAWN): State.WITHDRAWN for state in _UNDECIDED},
    **_staying((*_UNPROVEN, *_ALIVE, State.CLARIFYING), Happening.CODE_ISSUED, Happening.CODE_DELAYED),
    **_staying((*_ALIVE, State.CLARIFYING), Happening.CODE_REJECTED, Happening.PROOF_RENEWED),
    **_staying(_ANY, Happening.NOTIFIED, Happening.MAIL_REFUSED, Happening.ASK_READ),
    **_staying(
        (State.COLLECTING, State.APPLYING, State.SURVEYING, *_ERASING), Happening.TASK_CLAIMED, Happening.TASK_CLOSED
    ),
    **_staying(
        (State.DOUBTED, State.DECIDING, State.APPLYING, State.REFUSED, *_AHEAD, *_ERASING, *_ANSWERED),
        Happening.LINK_RENEWED,
        Happening.LINK_REVOKED,
        Happening.DOWNLOADED,
        Happening.PACKAGE_EXPIRED,
    ),
}
