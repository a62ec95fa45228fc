"""What callers send over HTTP, checked for shape; unknown fields are refused."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.domain.ask import Ask, Representative


class _Input(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", hide_input_in_errors=True)


class SubmitRequest(_Input):
    """A new request: which rights, who says so, and the language to answer in.

    `country` is where the person lives: its law can shorten the time to answer in, and nothing else.
    `details` says by right what exactly is asked. `representative` is whoever asks for somebody else: `email`, the
    address that is proven and answered, is then that of the person represented.
    """

    rights: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)]
    details: Annotated[dict[str, Ask], Field(max_length=8)] = {}
    representative: Representative | None = None
    email: Annotated[str, Field(min_length=3, max_length=320)] | None = None
    language: Literal["en", "nl"] | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None


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

    outcome: Literal["erased", "corrected", "nothing_held", "not_erased", "not_corrected"]
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


class StopRequest(_Input):
    """The secret of an announcement's link: from its fragment, or its typed form."""

    secret: Annotated[str, Field(min_length=1, max_length=128)]


type AccountFact = Literal[
    "invoice_number",
    "order_number",
    "subscription_id",
    "billing_contact",
    "sign_up_month",
    "tenant_domain",
    "called_back_on_record",
    "letter_on_record",
]


class VouchIdentity(_Input):
    """Which facts of an account somebody knew or showed, and whose account it is: an address, or tenant and object id.

    Facts are named, never repeated, and no identity document is among them. `note` is kept sealed.
    """

    facts: Annotated[frozenset[AccountFact], Field(min_length=2, max_length=8)]
    email: Annotated[str, Field(min_length=3, max_length=320)] | None = None
    tenant: Annotated[str, Field(min_length=36, max_length=36)] | None = None
    object_id: Annotated[Annotated[str, Field(min_length=36, max_length=36)] | None, Field(alias="objectId")] = None
    note: Annotated[str, Field(max_length=1000)] = ""


class CheckAuthority(_Input):
    """What an operator found about a representative's authority. `evidence` is kept sealed."""

    outcome: Literal["checked", "rejected"]
    evidence: Annotated[str, Field(min_length=10, max_length=4000)]
    deliver_to: Annotated[Literal["represented", "representative"], Field(alias="deliverTo")] = "represented"


class ClearDoubt(_Input):
    """Why a request that was stopped may go on. `reason` is kept sealed."""

    reason: Annotated[str, Field(min_length=10, max_length=1000)]


class LookUpItem(_Input):
    """One identifier, as a service's own records have it; `tenant` for datasets that belong to customers' tenants."""

    dataset: Annotated[str, Field(min_length=1, max_length=40)]
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    value: Annotated[str, Field(min_length=1, max_length=320)]
    tenant: Annotated[str, Field(min_length=36, max_length=36)] | None = None


class LookUp(_Input):
    """What a service wants to know before it uses records of these people."""

    items: Annotated[tuple[LookUpItem, ...], Field(min_length=1, max_length=100)]


class LiftMeasure(_Input):
    """Why limits on processing end, as their person is told before. Kept sealed."""

    text: Annotated[str, Field(min_length=10, max_length=4000)]
