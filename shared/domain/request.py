"""A data subject request, and its hash-chained history."""

import hashlib
import json
from datetime import datetime
from typing import Any, Literal, NewType, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.domain.errors import Conflict
from shared.domain.review import Review
from shared.domain.states import MOVES, Happening, State
from shared.domain.verdict import Verdict

RequestId = NewType("RequestId", str)
ExportId = NewType("ExportId", str)
type Language = Literal["en", "nl"]
type Channel = Literal["api", "page", "email", "letter", "phone", "ticket", "authority"]


class _Row(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True)


class Part(_Row):
    """One right asked for, inside one tenant's data. Order is the order of work.

    The part with `own` covers Spinpanel's own records too, those that belong to no tenant; `tenant` is None where the
    person is known in no tenant, or not yet. `person` says whose of the dossier's people it is about. `role` is
    Spinpanel's for the data it reaches. With `decide` a person has to decide it.
    """

    right: str
    tenant: str | None = None
    own: bool = True
    person: int = 0
    role: Literal["controller", "processor"] = "controller"
    decide: bool = False
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
    """A package or a certificate, and its brokered link.

    `next_block` is where the next assembly step goes on; `size` in bytes is known once the blob `name` is committed.
    `link_issue` counts links: an older link's secret is void.
    """

    id: ExportId
    kind: Literal["package", "certificate"] = "package"
    name: str = ""
    started_at: AwareDatetime
    next_block: int = 0
    size: int | None = None
    expires_at: AwareDatetime | None = None
    link_issue: int = 0
    revoked_at: AwareDatetime | None = None
    deleted_at: AwareDatetime | None = None
    downloads: int = 0
    failed_tries: int = 0

    def blob_of(self, request_id: RequestId) -> str:
        """Return the name of its blob: a package has one place, a certificate the name it was given."""
        return self.name or f"{request_id}/package.zip"


class Erasing(_Row):
    """Where the erasure of a request stands.

    `round` counts dry runs: each makes a plan of its own. `plan_hash` is what an approval is bound to, `approved_hash`
    the one an operator approved. `halted` lists codes of what no longer fitted the plan. `waived_at` says that the
    person wants the erasure whatever became of their copy. `audit_event` is the hash of the certifying line of history.
    """

    round: int = 1
    plan_hash: str | None = None
    cooling_off_until: AwareDatetime | None = None
    approved_hash: str | None = None
    approved_by: str | None = None
    halted: tuple[str, ...] = ()
    handed_over_at: AwareDatetime | None = None
    waived_at: AwareDatetime | None = None
    reminded_at: AwareDatetime | None = None
    started_at: AwareDatetime | None = None
    erased_at: AwareDatetime | None = None
    audit_event: str | None = None


class Extension(_Row):
    """The one extension by two further months (GDPR Art. 12(3)): `until` counted from receipt, told in the first one.

    `reason` is `complexity` or `high_volume`.
    """

    reason: Literal["complexity", "high_volume"]
    at: AwareDatetime
    by: str
    until: AwareDatetime


class Pause(_Row):
    """Time that does not count, for the person alone could end it (EDPB 01/2022, 5.3)."""

    reason: Literal["identity_doubt", "clarification"]
    asked_at: AwareDatetime
    answered_at: AwareDatetime | None = None


class Proposal(_Row):
    """What one operator proposed about who asks, until a second one agrees.

    `kind` says what it would do: establish an identity, or clear a doubt. `digest` is a keyed hash of what exactly, so
    that two agree on the same; `words` are the first one's grounds, sealed under the request's key.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    kind: Literal["identity", "doubt"]
    by: str
    at: AwareDatetime
    digest: str
    words: bytes


class Lifting(_Row):
    """The end of limits on processing, at `at`, of which their person is told before (GDPR Art. 18(3)).

    `text` says why, sealed under the request's key; `by` is the operator whose words they are. Both are empty where the
    person ends their own. `done_at` is when it was carried out.
    """

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    at: AwareDatetime
    by: str
    text: bytes
    done_at: AwareDatetime | None = None


class Told(_Row):
    """A text that was sent about a request: which, when, in which language, and the SHA-256 of its words."""

    notice: str
    at: AwareDatetime
    language: Language
    text_hash: str


class Request(_Row):
    """One data subject request. Holds no personal data in clear: who it is about lies sealed in `dossier`.

    `owner_ref` is the keyed reference of the identity that was proven, once one was. `body_hash` is keyed and serves
    Idempotency-Key alone. `head` is the hash of the newest history entry, `seq` its
    number. `attention` lists codes of what an operator should look at. `reason` says why it ended where it was not
    answered. `stage` names the tasks that run now.

    Where Spinpanel is processor, the case is of `tenant`, whose controller decides it; it was split off `origin`, which
    lists it under `linked`, and whose id the controller never learns; to whom it went at `forwarded_at`. `disclosed_to`
    is the administrator who receives the package, by tenant and object id, where the person did not ask. `due_at` is
    when the answer is due by all that is known now: month, promise, extension and pauses. `second_proof` is asked where
    an account may have been taken over. `authority` is that of a representative. `recorded_by` is the operator who took
    it in from another channel, at `recorded_at`. `first_asked_at` is when the request was received that it was joined
    to. `foreign_days` is the shorter period of the person's own country. `warned` names what the clocks have warned of
    already. Once `traces_gone_at` is set nothing here leads to a person any more: what is left is the case file,
    retained until `case_file_until` under GDPR Art. 17(3)(e).
    """

    id: RequestId
    state: State
    parts: tuple[Part, ...]
    language: Language
    channel: Channel
    role: Literal["controller", "processor"] = "controller"
    tenant: str | None = None
    origin: RequestId | None = None
    linked: tuple[RequestId, ...] = ()
    forwarded_at: AwareDatetime | None = None
    disclosed_to: str | None = None
    signed_in: bool
    received_at: AwareDatetime
    due_at: AwareDatetime
    extension: Extension | None = None
    pauses: tuple[Pause, ...] = ()
    second_proof: Literal["asked", "given"] | None = None
    authority: Literal["to_check", "checked"] | None = None
    proposal: Proposal | None = None
    verdicts: tuple[Verdict, ...] = ()
    joined_to: RequestId | None = None
    first_asked_at: AwareDatetime | None = None
    foreign_days: int | None = None
    warned: tuple[str, ...] = ()
    recorded_by: str | None = None
    recorded_at: AwareDatetime | None = None
    owner_ref: str | None = None
    body_hash: str
    dossier: bytes
    verification: Verification | None = None
    stage: str | None = None
    review: Review | None = None
    export: Export | None = None
    erasure: Erasing | None = None
    certificate: Export | None = None
    lifting: Lifting | None = None
    told: tuple[Told, ...] = ()
    map_version: str | None = None
    reason: str | None = None
    attention: tuple[str, ...] = ()
    ended_at: AwareDatetime | None = None
    traces_gone_at: AwareDatetime | None = None
    case_file_until: AwareDatetime | None = None
    seq: int = 0
    head: str = ""

    @property
    def public(self) -> str:
        """The status word that people read."""
        word = self.state.public
        return "extended" if word == "in_progress" and self.extension is not None else word

    def verdict(self, part: int) -> Verdict | None:
        """Return the decision that counts for a part: its own, else the one on all of the request."""
        given = {one.part: one for one in self.verdicts if one.given_at is not None}
        return given.get(part, given.get(None))

    @property
    def undecided(self) -> list[int]:
        """The parts, by number, that a person still has to decide."""
        return [
            number
            for number, part in enumerate(self.parts)
            if part.decide and not part.state.is_final and self.verdict(number) is None
        ]

    def asks(self, right: str) -> bool:
        """Tell whether this right is among those asked for."""
        return any(part.right == right for part in self.parts)

    @property
    def tells_its_end(self) -> bool:
        """Tell whether a notice of its end may be mailed.

        An address that was only claimed hears no more of a request than codes went to it, and those have a budget:
        nobody fills a mailbox with notices in somebody else's name.
        """
        verification = self.verification
        return verification is None or verification.proven_at is not None or verification.mailed

    def happened(
        self, happening: Happening, at: datetime, *, actor: str = "", about: str = "", **changes: Any
    ) -> tuple[Self, "Entry"]:
        """Return the request after this, and the history entry that says so.

        `changes` are fields to set along; the state comes from `MOVES` alone, and parts follow it, but for those that
        have come to their own end. `actor` is who did it where it was not the system or the person, `about` the id or
        hash of what it was done to.

        Raises:
            Conflict: the table has no such move from this state.
        """
        state = MOVES.get((self.state, happening))
        if state is None:
            raise Conflict(f"not_while_{self.state.public}")
        line = Line(happening=happening, at=at, before=self.state, after=state, actor=actor, about=about)
        entry = Entry.chained(self.head, self.seq + 1, line)
        reopened = self.state in {State.REFUSED, State.UNANSWERED}
        parts = changes.pop("parts", self.parts)
        after = self.model_copy(
            update={
                "parts": tuple(
                    part if part.state.is_final and not reopened else part.model_copy(update={"state": state})
                    for part in parts
                ),
                "ended_at": (self.ended_at or at) if state.is_final else None,
                **changes,
                "state": state,
                "seq": entry.seq,
                "head": entry.hash,
            }
        )
        return after, entry


class Line(_Row):
    """What a line of history says."""

    happening: Happening
    at: AwareDatetime
    before: State | None
    after: State
    actor: str = ""
    about: str = ""


class Entry(Line):
    """One line of a request's append-only history. Each hash covers the one before it."""

    seq: int
    hash: str

    @classmethod
    def chained(cls, head: str, seq: int, line: Line) -> Self:
        """Chain a new line to the newest one."""
        said = [line.happening, line.at.isoformat(), line.before, line.after, line.actor, line.about]
        told = json.dumps([head, seq, *said], separators=(",", ":"))
        kept = {name: getattr(line, name) for name in Line.model_fields}
        return cls(seq=seq, hash=hashlib.sha256(told.encode()).hexdigest(), **kept)


def opened(
    request: Request, happening: Happening, *, at: datetime | None = None, actor: str = ""
) -> tuple[Request, Entry]:
    """Return a new request in its first state with the first line of its history, written at receipt or later."""
    state = MOVES[None, happening]
    line = Line(happening=happening, at=at or request.received_at, before=None, after=state, actor=actor)
    entry = Entry.chained("", 1, line)
    parts = tuple(part.model_copy(update={"state": state}) for part in request.parts)
    return request.model_copy(update={"state": state, "parts": parts, "seq": 1, "head": entry.hash}), entry
