"""What callers send over HTTP, checked for shape; unknown fields are refused."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.domain.ask import Ask, Representative


class _Input(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SubmitRequest(_Input):
    """A new request: which rights, who says so, and the language to answer in.

    `details` says by right what exactly is asked. `representative` is whoever asks for somebody else: `email`, the
    address that is proven and answered, is then that of the person represented.
    """

    rights: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)]
    details: Annotated[dict[str, Ask], Field(max_length=8)] = {}
    representative: Representative | None = None
    email: Annotated[str, Field(min_length=3, max_length=320)] | None = None
    language: Literal["en", "nl"] | None = None


class GiveCode(_Input):
    """A code from a mail, as typed."""

    code: Annotated[str, Field(min_length=1, max_length=64)]


class OpenExport(_Input):
    """A link's secret: from its fragment, or its typed form. None for a package whose link could be mailed nowhere."""

    secret: Annotated[str, Field(min_length=1, max_length=128)] | None = None


class Approve(_Input):
    """An operator's approval, bound to the plan they were shown."""

    plan_hash: Annotated[str, Field(alias="planHash", pattern=r"^[0-9a-f]{64}$")]


class CloseTask(_Input):
    """What an operator found or did by hand where a service failed for good. `evidence` is kept sealed."""

    outcome: Literal["erased", "nothing_held", "not_erased"]
    counts: Annotated[dict[str, Annotated[int, Field(ge=0)]], Field(max_length=100)] = {}
    evidence: Annotated[str, Field(min_length=10, max_length=4000)]


class DatasetOutcome(_Input):
    """What a service did with one dataset. Without `remaining: 0`, from a second look of its own, it shows nothing."""

    id: Annotated[str, Field(max_length=40)]
    count: Annotated[int, Field(ge=0)]
    remaining: Annotated[int, Field(ge=0)]
    method: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9_.:/ -]+$")] = "deleted"


class TaskOutcome(_Input):
    """What a service answers for a task it claimed, or a vendor for one it was given.

    `done`: a dry run's or an erasure's `datasets`, one entry each; after an export, none. `failed`: a code, no prose.
    """

    status: Literal["done", "failed"]
    datasets: Annotated[tuple[DatasetOutcome, ...], Field(max_length=200)] = ()
    code: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}$")] | None = None


class NoteAccountEvent(_Input):
    """What the app tells of an account. `address` is the one on record from then on, `previousAddress` the one before.

    Without `address` after a change no address on record counts as known from before it.
    """

    tenant: Annotated[str, Field(min_length=36, max_length=36)]
    object_id: Annotated[str, Field(alias="objectId", min_length=36, max_length=36)]
    happening: Literal["password_reset", "sign_in_method_added", "address_changed"]
    at: AwareDatetime
    previous_address: Annotated[
        Annotated[str, Field(min_length=3, max_length=320)] | None, Field(alias="previousAddress")
    ] = None
    address: Annotated[str, Field(min_length=3, max_length=320)] | None = None


class Extend(_Input):
    """Why an answer takes up to two months longer (GDPR Art. 12(3))."""

    reason: Literal["complexity", "high_volume"]


class AskClarification(_Input):
    """What a person is asked to make clear, in their language."""

    question: Annotated[str, Field(min_length=10, max_length=2000)]


class Clarify(_Input):
    """What a person answers, and what exactly they ask by now, by right."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]
    details: Annotated[dict[str, Ask], Field(max_length=8)] = {}


class ProposeVerdict(_Input):
    """A decision on one part of a request, by its number, or without on all of it. `text` is in the person's language.

    `corrections` are those granted, by their number in what was asked, of a rectification that is granted `partly`.
    """

    part: Annotated[int, Field(ge=0, le=500)] | None = None
    outcome: Outcome
    ground: Ground | None = None
    text: Annotated[str, Field(min_length=10, max_length=4000)] | None = None
    corrections: Annotated[tuple[Annotated[int, Field(ge=0, lt=50)], ...], Field(max_length=50)] = ()


class ConfirmVerdict(_Input):
    """A second person's word for a decision, bound to the one they were shown."""

    part: Annotated[int, Field(ge=0, le=500)] | None = None
    verdict_hash: Annotated[str, Field(alias="verdictHash", pattern=r"^[0-9a-f]{64}$")]


class EndUnproven(_Input):
    """Requests that nobody proved to be theirs: one operator proposes to end them, with `confirm` a second one does."""

    ids: Annotated[tuple[_Guid, ...], Field(min_length=1, max_length=100)]
    confirm: bool = False


class RecordRequest(_Input):
    """A request that came in otherwise: by e-mail, letter, telephone, a ticket, or from an authority.

    `received_at` is when it reached us. `evidence` says how, and is kept sealed. `email` is where a code is mailed; an
    account that is merely claimed proves nothing and is kept beside the evidence.
    """

    channel: Literal["email", "letter", "phone", "ticket", "authority"]
    rights: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)]
    details: Annotated[dict[str, Ask], Field(max_length=8)] = {}
    email: Annotated[str, Field(min_length=3, max_length=320)] | None = None
    tenant: _Guid | None = None
    object_id: Annotated[_Guid | None, Field(alias="objectId")] = None
    received_at: Annotated[AwareDatetime, Field(alias="receivedAt")]
    evidence: Annotated[str, Field(min_length=10, max_length=4000)]
    language: Literal["en", "nl"]
    country: Country | None = None


class MailReport(BaseModel):
    """What the mail system tells of one mail it took: its operation id, for whom it was, and what became of it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    message_id: Annotated[str, Field(alias="messageId", max_length=200)]
    recipient: Annotated[str, Field(max_length=320)]
    status: Annotated[str, Field(max_length=40)]


class MailEvent(BaseModel):
    """One event of Event Grid in its own schema, as far as it matters here."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    type: Annotated[str, Field(alias="eventType", max_length=200)]
    data: MailReport


class MailEvents(RootModel[Annotated[tuple[MailEvent, ...], Field(max_length=100)]]):
    """A batch of delivery reports."""
