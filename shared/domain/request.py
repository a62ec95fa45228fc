"""A data subject request: its states, the one table that moves it, and its hash-chained history."""

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.domain.errors import Conflict

RequestId = NewType("RequestId", str)
ExportId = NewType("ExportId", str)
type Language = Literal["en", "nl"]


class State(StrEnum):
    """Where a request is. `public` gives the word that people read."""

    IDENTITY_PENDING = "identity_pending"
    RECEIVED = "received"
    COLLECTING = "collecting"
    ASSEMBLING = "assembling"
    COMPLETED = "completed"
    PARTIALLY_COMPLETED = "partially_completed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def public(self) -> str:
        """The status word of our API; our own steps are all `in_progress`."""
        return "in_progress" if self in {State.COLLECTING, State.ASSEMBLING} else self.value

    @property
    def is_final(self) -> bool:
        """Nothing more happens by itself."""
        return self in FINAL


FINAL = frozenset({State.COMPLETED, State.PARTIALLY_COMPLETED, State.REFUSED, State.WITHDRAWN})
ANSWERED = frozenset({State.COMPLETED, State.PARTIALLY_COMPLETED})


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
    WITHDRAWN = "withdrawn"
    NOTIFIED = "notified"
    MAIL_REFUSED = "mail_refused"
    LINK_RENEWED = "link_renewed"
    LINK_REVOKED = "link_revoked"
    DOWNLOADED = "downloaded"
    PACKAGE_EXPIRED = "package_expired"


_UNPROVEN = (State.IDENTITY_PENDING,)
_WORKING = (State.RECEIVED, State.COLLECTING, State.ASSEMBLING)
_ANSWERED = (State.COMPLETED, State.PARTIALLY_COMPLETED)
_ANY = tuple(State)

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
    (State.RECEIVED, Happening.PLANNED): State.COLLECTING,
    (State.RECEIVED, Happening.COLLECTED): State.ASSEMBLING,
    (State.COLLECTING, Happening.COLLECTED): State.ASSEMBLING,
    (State.ASSEMBLING, Happening.ASSEMBLY_ADVANCED): State.ASSEMBLING,
    (State.ASSEMBLING, Happening.ASSEMBLED): State.COMPLETED,
    (State.ASSEMBLING, Happening.ASSEMBLED_INCOMPLETE): State.PARTIALLY_COMPLETED,
    **{(state, Happening.WITHDRAWN): State.WITHDRAWN for state in (*_UNPROVEN, *_WORKING)},
    **{(state, Happening.CODE_ISSUED): state for state in (*_UNPROVEN, *_WORKING, *_ANSWERED)},
    **{(state, Happening.CODE_DELAYED): state for state in (*_UNPROVEN, *_WORKING, *_ANSWERED)},
    **{(state, Happening.CODE_REJECTED): state for state in (*_WORKING, *_ANSWERED)},
    **{(state, Happening.PROOF_RENEWED): state for state in (*_WORKING, *_ANSWERED)},
    **{(state, happening): state for state in _ANY for happening in (Happening.NOTIFIED, Happening.MAIL_REFUSED)},
    **{
        (state, happening): state
        for state in _ANSWERED
        for happening in (
            Happening.LINK_RENEWED,
            Happening.LINK_REVOKED,
            Happening.DOWNLOADED,
            Happening.PACKAGE_EXPIRED,
        )
    },
}


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True)


class Part(_Row):
    """One right asked for, inside one tenant's data. Order is the order of work.

    The part with `own` covers Spinpanel's own records too, those that belong to no tenant; `tenant` is None where the
    person is known in no tenant, or not yet.
    """

    right: str
    tenant: str | None = None
    own: bool = True
    state: State


class Verification(_Row):
    """Where proving an address stands. Codes are derived from the issue number and never stored.

    `issue` counts the codes asked for; only the newest is good, until `expires_at`, for `tries_left` more tries.
    `used` says that it was confirmed: a code is good once. `counted` says that its mail was counted against the budget
    for codes and is still to be sent: it is not counted again. `mailed` says that the newest code was
    handed to the mail system, whatever that made of it.
    """

    issue: int = 0
    expires_at: AwareDatetime | None = None
    tries_left: int = 0
    used: bool = False
    counted: bool = False
    mailed: bool = False
    proven_at: AwareDatetime | None = None


class Export(_Row):
    """The package of an access request and its brokered link.

    `next_block` is where the next assembly step goes on; `size` in bytes is known once the package is committed.
    `link_issue` counts links: an older link's secret is void.
    """

    id: ExportId
    started_at: AwareDatetime
    next_block: int = 0
    size: int | None = None
    expires_at: AwareDatetime | None = None
    link_issue: int = 0
    revoked_at: AwareDatetime | None = None
    deleted_at: AwareDatetime | None = None
    downloads: int = 0
    failed_tries: int = 0


class Request(_Row):
    """One data subject request. Holds no personal data in clear: who it is about lies sealed in `dossier`.

    `owner_ref` is the keyed reference of the identity that was proven, once one was. `body_hash` is keyed and serves
    Idempotency-Key alone. `head` is the hash of the newest history entry, `seq` its
    number. `attention` lists codes of what an operator should look at. `reason` says why it ended where it was not
    answered.
    """

    id: RequestId
    state: State
    parts: tuple[Part, ...]
    language: Language
    channel: Literal["api", "page"]
    signed_in: bool
    received_at: AwareDatetime
    due_at: AwareDatetime
    owner_ref: str | None = None
    body_hash: str
    dossier: bytes
    verification: Verification | None = None
    export: Export | None = None
    map_version: str | None = None
    reason: str | None = None
    attention: tuple[str, ...] = ()
    ended_at: AwareDatetime | None = None
    seq: int = 0
    head: str = ""

    @property
    def tells_its_end(self) -> bool:
        """Tell whether a notice of its end may be mailed.

        An address that was only claimed hears no more of a request than codes went to it, and those have a budget:
        nobody fills a mailbox with notices in somebody else's name.
        """
        verification = self.verification
        return verification is None or verification.proven_at is not None or verification.mailed

    def happened(self, happening: Happening, at: datetime, **changes: object) -> tuple[Self, "Entry"]:
        """Return the request after this, and the history entry that says so.

        `changes` are fields to set along; the state comes from `MOVES` alone, and parts follow it.

        Raises:
            Conflict: the table has no such move from this state.
        """
        state = MOVES.get((self.state, happening))
        if state is None:
            raise Conflict(f"not_while_{self.state.public}")
        entry = Entry.chained(self.head, self.seq + 1, happening, at, self.state, state)
        after = self.model_copy(
            update={
                "parts": tuple(part.model_copy(update={"state": state}) for part in self.parts),
                "ended_at": (self.ended_at or at) if state.is_final else None,
                **changes,
                "state": state,
                "seq": entry.seq,
                "head": entry.hash,
            }
        )
        return after, entry


class Entry(_Row):
    """One line of a request's append-only history. Each hash covers the one before it."""

    seq: int
    happening: Happening
    at: AwareDatetime
    before: State | None
    after: State
    hash: str

    @classmethod
    def chained(
        cls, head: str, seq: int, happening: Happening, at: datetime, before: State | None, after: State
    ) -> Self:
        """Chain a new line to the newest one."""
        told = json.dumps([head, seq, happening, at.isoformat(), before, after], separators=(",", ":"))
        return cls(
            seq=seq,
            happening=happening,
            at=at,
            before=before,
            after=after,
            hash=hashlib.sha256(told.encode()).hexdigest(),
        )


def opened(request: Request, happening: Happening) -> tuple[Request, Entry]:
    """Return a new request in its first state with the first line of its history."""
    state = MOVES[None, happening]
    entry = Entry.chained("", 1, happening, request.received_at, None, state)
    parts = tuple(part.model_copy(update={"state": state}) for part in request.parts)
    return request.model_copy(update={"state": state, "parts": parts, "seq": 1, "head": entry.hash}), entry
