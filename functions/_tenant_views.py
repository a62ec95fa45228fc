"""What customers get to see of their cases, and operators of customers. Nothing here leads to a case of our own."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import AwareDatetime

from functions._views import Output, PartView, PublicState
from shared.domain.request import Language, Request
from shared.domain.suppression import Row
from shared.domain.tenant import Tenant

if TYPE_CHECKING:
    from shared.use_cases.controller_cases import Seen


class CaseSummary(Output):
    """A case of a customer's. `decidable` says that it waits for the customer's decision.

    `disclosure` says that an administrator asked, and not the person.
    """

    id: str
    status: PublicState
    received_at: AwareDatetime
    due_at: AwareDatetime
    decidable: bool
    disclosure: bool
    parts: list[PartView]

    @classmethod
    def of(cls, request: Request) -> Self:
        """Tell of a case."""
        return cls.model_validate(_summary(request))


class CaseList(Output):
    """A page of a customer's cases; `cursor` asks for the next one."""

    cases: list[CaseSummary]
    cursor: str | None = None


class CaseIdentifier(Output):
    """What the customer knows its user by."""

    kind: str
    value: str


class HeldView(Output):
    """A dataset that the case is about. `records` is left out where nobody has looked yet."""

    id: str
    title: str
    records: int | None = None


class CommentView(Output):
    """A comment, by tenant and object id."""

    by: str
    at: AwareDatetime
    text: str


class DecisionOnCase(Output):
    """What was decided, on what ground, by whom: tenant and object id, or the version of the terms."""

    outcome: Literal["granted", "partly", "refused", "fee"]
    ground: str | None = None
    by: str
    at: AwareDatetime


class CaseDetail(CaseSummary):
    """A case with whom it is about, as far as its customer knows them, and what Spinpanel holds of them for it.

    With `child` somebody asks for a person younger than 16, by an authority that was checked.
    """

    identifiers: list[CaseIdentifier]
    datasets: list[HeldView]
    comments: list[CommentView]
    decisions: list[DecisionOnCase]
    child: bool = False

    @classmethod
    def of_seen(cls, seen: "Seen", language: Language) -> Self:
        """Tell everything a customer may know of its case."""
        return cls.model_validate(
            _summary(seen.request)
            | {
                "identifiers": [{"kind": one.kind, "value": one.value} for one in seen.identifiers],
                "datasets": [
                    {"id": one.dataset.id, "title": one.dataset.title.in_language(language), "records": one.records}
                    for one in seen.held
                ],
                "comments": [one.model_dump() for one in seen.comments],
                "decisions": [
                    {"outcome": one.outcome, "ground": one.ground, "by": one.proposed_by, "at": one.given_at}
                    for one in seen.request.verdicts
                    if one.given_at is not None
                ],
                "child": seen.child,
            }
        )


class OutcomeCount(Output):
    """How many ended this way; left out where that would point at people."""

    outcome: Literal["completed", "partially_completed", "refused", "withdrawn", "unanswered", "open"]
    count: int | None = None


class RightCounts(Output):
    """How the cases of one right ended. `total` is left out where it would point at people."""

    right: str
    total: int | None = None
    outcomes: list[OutcomeCount]


class StatisticsView(Output):
    """A customer's own cases, counted. Counts below `least`, none at all among them, are left out."""

    least: int
    rights: list[RightCounts]

    @classmethod
    def of(cls, rows: Mapping[str, Row], least: int) -> Self:
        """Tell how cases ended."""
        return cls(
            least=least,
            rights=[
                RightCounts.model_validate(
                    {
                        "right": right,
                        "total": row.total,
                        "outcomes": [{"outcome": word, "count": count} for word, count in row.counts.items()],
                    }
                )
                for right, row in rows.items()
            ],
        )


class SelfServiceView(Output):
    """What a customer's users may not start by themselves; it never stands in the way of a right."""

    restricted: list[Literal["profile"]]


class TermsView(Output):
    """One version of what the processing agreement lets us do."""

    version: int
    since: AwareDatetime
    may_name_controller: bool
    may_disclose: bool
    answers: list[str]


class DelegationView(Output):
    """Somebody outside who may act for a customer."""

    kind: Literal["administrator", "partner"]
    tenant: str
    until: AwareDatetime
    contacts: list[str]


class TenantView(Output):
    """A customer as operators see it, with every version of its terms, the oldest first."""

    id: str
    name: str
    language: Language
    contacts: list[str]
    others: list[str]
    terms: list[TermsView]
    delegations: list[DelegationView]
    self_service: list[Literal["profile"]]

    @classmethod
    def of(cls, tenant: Tenant) -> Self:
        """Tell of a customer."""
        told = tenant.model_dump()
        return cls.model_validate(
            told
            | {
                "terms": [one | {"answers": sorted(one["answers"])} for one in told["terms"]],
                "self_service": sorted(told["self_service"]),
            }
        )


def tell_all(cases: Sequence[Request], cursor: str | None) -> CaseList:
    """Return a page of cases."""
    return CaseList(cases=[CaseSummary.of(one) for one in cases], cursor=cursor)


def _summary(request: Request) -> dict[str, object]:
    return {
        "id": request.id,
        "status": request.public,
        "received_at": request.received_at,
        "due_at": request.due_at,
        "decidable": request.public in {"forwarded", "unanswered"},
        "disclosure": request.disclosed_to is not None,
        "parts": [{"right": part.right, "status": part.state.public} for part in request.parts],
    }
