"""What is sent over HTTP about clocks and decisions, checked for shape; unknown fields are refused."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, RootModel

from shared.domain.ask import Ask
from shared.domain.verdict import Ground, Outcome

_Guid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class _Input(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", hide_input_in_errors=True)


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
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None


class MailReport(BaseModel):
    """What the mail system tells of one mail it took: its operation id, for whom it was, and what became of it."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore", hide_input_in_errors=True)

    message_id: Annotated[str, Field(alias="messageId", max_length=200)]
    recipient: Annotated[str, Field(max_length=320)]
    status: Annotated[str, Field(max_length=40)]


class MailEvent(BaseModel):
    """One event of Event Grid in its own schema, as far as it matters here."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore", hide_input_in_errors=True)

    type: Annotated[str, Field(alias="eventType", max_length=200)]
    data: MailReport


class MailEvents(RootModel[Annotated[tuple[MailEvent, ...], Field(max_length=100)]]):
    """A batch of delivery reports."""
