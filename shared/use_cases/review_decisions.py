"""Which decisions of a reviewer fit which items, and what they come to."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.domain.data_map import DataMap
from shared.domain.errors import InvalidInput
from shared.domain.review import Decisions, ItemDecision, Review
from shared.messages.review_inputs import ReviewDecision
from shared.use_cases.redacting import REDACTED


@dataclass(slots=True)
class OnSheet:
    """What is decided about one sheet: about single items by their number, and about all that are left."""

    items: dict[int, ItemDecision] = field(default_factory=dict)
    rest: ItemDecision | None = None

    def over(self, before: Decisions, records: Sequence[bool]) -> Decisions:
        """Return these decisions over those from before. `records` tells which items are records.

        Raises:
            InvalidInput: an original would be redacted: it is handed over whole or not at all.
        """
        if any(one.decision == "redact" and not records[number] for number, one in self.items.items()):
            raise InvalidInput("decisions", "an original is included or excluded whole")
        decided = {**before.items, **self.items}
        if self.rest is not None:
            decided |= {number: self.rest for number in range(len(records)) if number not in decided}
        return Decisions(items=decided)


def on_sheets(review: Review, given: Sequence[ReviewDecision], data_map: DataMap, by: str) -> dict[int, OnSheet]:
    """Sort decisions by the sheet they are about.

    Raises:
        InvalidInput: a decision is incomplete, or about something that is not under review.
    """
    fields = {dataset.id: {one.name for one in dataset.fields} for _, dataset in data_map.datasets()}
    sorted_out: dict[int, OnSheet] = {}
    for one in given:
        _must_be_whole(one)
        decision = ItemDecision(
            decision=one.decision,
            ground=one.ground,
            fields=dict.fromkeys(one.withhold, REDACTED) | one.replace,
            by=by,
        )
        if one.item is None:
            numbers = [at for at, sheet in enumerate(review.sheets) if sheet.dataset == one.dataset]
            if not numbers:
                raise InvalidInput("decisions", "names a dataset that is not under review")
            for number in numbers:
                sorted_out.setdefault(number, OnSheet()).rest = decision
            continue
        number, item = item_number(one.item, "decisions")
        if number >= len(review.sheets) or item >= review.sheets[number].items:
            raise InvalidInput("decisions", "names an item that is not under review")
        if not decision.fields.keys() <= fields.get(review.sheets[number].dataset, set()):
            raise InvalidInput("decisions", "redacts a field that the dataset does not have")
        sorted_out.setdefault(number, OnSheet()).items[item] = decision
    return sorted_out


def item_number(text: str, where: str) -> tuple[int, int]:
    """Read an item's id: the number of its sheet, and its own on it.

    Raises:
        InvalidInput: it is none.
    """
    sheet, _, item = text.partition(".")
    if not (sheet.isdecimal() and item.isdecimal() and len(text) <= len("00000.0000")):
        raise InvalidInput(where, "leads nowhere")
    return int(sheet), int(item)


def _must_be_whole(one: ReviewDecision) -> None:
    if (one.item is None) == (one.dataset is None):
        raise InvalidInput("decisions", "names an item or a dataset, and not both")
    if (one.ground is None) != (one.decision == "include"):
        raise InvalidInput("decisions", "has a ground where something is excluded or redacted, and only there")
    if bool(one.withhold or one.replace) != (one.decision == "redact"):
        raise InvalidInput("decisions", "names fields where they are redacted, and only there")
    if one.decision == "redact" and one.item is None:
        raise InvalidInput("decisions", "redacts one item at a time")
