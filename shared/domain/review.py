"""What a person looks through before it is handed over: items held back, and what was decided about each."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.domain.verdict import UavgGround

RELEASE = "release"  # the stage that puts into the package what a review lets through

type Choice = Literal["include", "exclude", "redact"]
type ReviewGround = UavgGround | Literal["rights_of_others"]


class _Row(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True)


class Held(_Row):
    """Items of one dataset that wait for a person, in one blob: each a line of JSON. `size` in bytes."""

    name: str
    dataset: str
    items: int
    size: int


class ItemDecision(_Row):
    """What a person decided about one item, and on what ground it is not handed over whole (GDPR Art. 15(4)).

    `fields` are those that are redacted, each with the text that takes its place.
    """

    decision: Choice
    ground: ReviewGround | None = None
    fields: dict[str, str] = {}
    by: str


class Decisions(_Row):
    """What was decided about a sheet's items, by their number on it."""

    items: dict[int, ItemDecision] = {}


class Sheet(_Row):
    """One blob of held items under review.

    `decisions` names the blob of what was decided, of `decisions_size` bytes. `tally` counts decisions: `include`, or
    `exclude:` and `redact:` with their ground.
    """

    part: int
    service: str
    dataset: str
    name: str
    items: int
    size: int
    decisions: str | None = None
    decisions_size: int = 0
    tally: dict[str, int] = {}

    @property
    def unreviewed(self) -> int:
        """Count the items that nobody decided about."""
        return self.items - sum(self.tally.values())

    @property
    def gives(self) -> bool:
        """Tell whether anything of it is handed over, whole or redacted."""
        return any(not name.startswith("exclude") for name in self.tally)

    def decided(self, decisions: Decisions, name: str, size: int) -> "Sheet":
        """Return the sheet with these decisions in force."""
        tally = Counter(_counted(one) for one in decisions.items.values())
        return self.model_copy(update={"decisions": name, "decisions_size": size, "tally": dict(tally)})


class Review(_Row):
    """The review of one copy. `listed_at` is the due date it is listed under for reviewers."""

    sheets: tuple[Sheet, ...]
    started_at: AwareDatetime
    listed_at: AwareDatetime
    closed_at: AwareDatetime | None = None

    @property
    def unreviewed(self) -> int:
        """Count the items that nobody decided about."""
        return sum(sheet.unreviewed for sheet in self.sheets)

    def of(self, dataset: str) -> list[Sheet]:
        """Return a dataset's sheets."""
        return [sheet for sheet in self.sheets if sheet.dataset == dataset]

    def until(self, due_at: datetime, reserve: timedelta) -> datetime:
        """Return when it ends, done or not, so that the answer is given when it is due.

        A review that began late has half of the time that was left.
        """
        return max(due_at - reserve, self.started_at + max(due_at - self.started_at, timedelta(0)) / 2)


def held_under(request_id: str) -> str:
    """Return how the names begin of all the blobs that a request's review keeps."""
    return f"{request_id}/held/"


def tallied(sheets: Iterable[Sheet], choice: Choice) -> list[tuple[str, int]]:
    """Return how many items a choice was made for, by ground."""
    counts: Counter[str] = Counter()
    for sheet in sheets:
        for name, count in sheet.tally.items():
            made, _, ground = name.partition(":")
            if made == choice:
                counts[ground] += count
    return sorted(counts.items())


def _counted(one: ItemDecision) -> str:
    return one.decision if one.ground is None else f"{one.decision}:{one.ground}"
