"""What administrators and operators send about customers and their cases; unknown fields are refused."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from shared.domain.verdict import Ground

type Mailbox = Annotated[str, Field(min_length=3, max_length=320)]
type TenantName = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class _Input(BaseModel):
    model_config = ConfigDict(
        defer_build=True, frozen=True, extra="forbid", hide_input_in_errors=True, alias_generator=to_camel
    )


class DecideCase(_Input):
    """A customer's decision on its case. A refusal names its ground; `text` is what the person is told."""

    outcome: Literal["granted", "refused"]
    ground: Ground | None = None
    text: Annotated[str, Field(min_length=1, max_length=4000)] | None = None


class CommentOnCase(_Input):
    """A comment for those who work on the case; the person is not told of it. Kept sealed."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]


class PutSelfService(_Input):
    """What users may not start by themselves; it never stands in the way of a right."""

    restricted: Annotated[frozenset[Literal["profile"]], Field(max_length=1)]


class PutTerms(_Input):
    """What the processing agreement lets us do; whatever is not said is not allowed."""

    may_name_controller: bool = False
    may_disclose: bool = False
    answers: Annotated[frozenset[str], Field(max_length=20)] = frozenset()


class PutDelegation(_Input):
    """Somebody outside who may act for a customer, until a moment."""

    kind: Literal["administrator", "partner"]
    tenant: TenantName
    until: AwareDatetime
    contacts: Annotated[tuple[Mailbox, ...], Field(max_length=20)] = ()


class PutTenant(_Input):
    """A customer. Terms that differ from those in force become their next version."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    language: Literal["en", "nl"] = "en"
    contacts: Annotated[tuple[Mailbox, ...], Field(max_length=20)] = ()
    others: Annotated[tuple[Mailbox, ...], Field(max_length=50)] = ()
    delegations: Annotated[tuple[PutDelegation, ...], Field(max_length=50)] = ()
    self_service: frozenset[Literal["profile"]] = frozenset()
    terms: PutTerms = PutTerms()


class Disclose(_Input):
    """Which user's data an administrator wants to receive, and on what ground of law or contract. Kept sealed."""

    object_id: TenantName
    reason: Annotated[str, Field(min_length=10, max_length=1000)]
