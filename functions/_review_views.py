"""What reviewers get to see: which copies wait, and the items of one with their content."""

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import AwareDatetime

from functions._views import Output
from shared.domain.request import Request
from shared.domain.review import Sheet

if TYPE_CHECKING:
    from shared.use_cases.review_desk import ShownItem, ShownPage


class ReviewedDataset(Output):
    """How many items of a dataset wait for a reviewer, and of how many."""

    id: str
    service: str
    items: int
    unreviewed: int


class ReviewView(Output):
    """A copy that waits for a reviewer; never who it is about. After `until` it goes on without what is unreviewed."""

    id: str
    due_at: AwareDatetime
    until: AwareDatetime
    datasets: list[ReviewedDataset]

    @classmethod
    def of(cls, request: Request, until: AwareDatetime) -> Self:
        """Tell of a request whose copy waits, or waited."""
        sheets = request.review.sheets if request.review is not None else ()
        return cls(id=request.id, due_at=request.due_at, until=until, datasets=_datasets(sheets))


class ReviewList(Output):
    """Copies that wait for a reviewer, the one due first in front."""

    reviews: list[ReviewView]
    cursor: str | None = None


class OriginalView(Output):
    """An original: its name and size in bytes, and a link that is good for minutes."""

    name: str
    size: int
    media_type: str
    link: str


class DecisionOnItem(Output):
    """What was decided about an item."""

    decision: Literal["include", "exclude", "redact"]
    ground: str | None = None
    redacted: list[str]
    by: str


class ItemView(Output):
    """One item: a record, or an original."""

    id: str
    record: dict[str, Any] | None = None
    original: OriginalView | None = None
    decided: DecisionOnItem | None = None

    @classmethod
    def of(cls, shown: "ShownItem") -> Self:
        """Tell of an item."""
        file, decided = shown.item.file, shown.decided
        return cls(
            id=shown.id,
            record=shown.item.record,
            original=file
            and OriginalView(name=file.name, size=file.size, media_type=file.media_type, link=shown.link or ""),
            decided=decided
            and DecisionOnItem(
                decision=decided.decision, ground=decided.ground, redacted=sorted(decided.fields), by=decided.by
            ),
        )


class IdentifierView(Output):
    """What a person is known by."""

    kind: str
    value: str


class ReviewItems(Output):
    """A page of items of one dataset, with the person whose copy it is."""

    id: str
    dataset: str
    service: str
    person: list[IdentifierView]
    items: list[ItemView]
    cursor: str | None = None

    @classmethod
    def of(cls, page: "ShownPage") -> Self:
        """Tell of a page."""
        known = {(one.kind, one.value): IdentifierView(kind=one.kind, value=one.value) for one in page.person}
        return cls(
            id=page.request.id,
            dataset=page.sheet.dataset,
            service=page.sheet.service,
            person=list(known.values()),
            items=[ItemView.of(one) for one in page.items],
            cursor=page.cursor,
        )


def _datasets(sheets: tuple[Sheet, ...]) -> list[ReviewedDataset]:
    items: Counter[tuple[str, str]] = Counter()
    unreviewed: Counter[tuple[str, str]] = Counter()
    for sheet in sheets:
        items[sheet.dataset, sheet.service] += sheet.items
        unreviewed[sheet.dataset, sheet.service] += sheet.unreviewed
    return [
        ReviewedDataset(id=dataset, service=service, items=count, unreviewed=unreviewed[dataset, service])
        for (dataset, service), count in items.items()
    ]
