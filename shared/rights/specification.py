"""What a right is to the system: its code, its articles, its place in order, and what it asks of each dataset."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from shared.domain.ask import Ask
from shared.domain.data_map import Dataset


class Asked(StrEnum):
    """What a right asks of a dataset, by the law alone: what is decided case by case is decided by people."""

    DO = "do"  # it is done without anybody's leave
    DECIDE = "decide"  # a person decides
    EXEMPT = "exempt"  # the law keeps the data as it is, and says why
    NOT_APPLICABLE = "not_applicable"  # the right does not reach this dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class RightSpec:
    """One right. `code` is its word on the wire; `legal_refs` are the articles it rests on.

    `order` is its place where several are asked in one request: what stops a use comes first, then copies, then
    corrections and decisions, and an erasure last. `work` says who does it: `measure` sets limits on processing, `copy`
    makes a package, `correction` changes records, `decision` asks people, `erasure` erases. `assurance` is what proof
    it takes at most (EDPB 01/2022, 3.3): `as_given` asks no more than giving the consent took (Art. 7(3)). `asked_by`:
    an authority's letter is recorded by operators alone. `outcome` says what it asks of one dataset.
    """

    code: str
    legal_refs: tuple[str, ...]
    order: int
    work: Literal["measure", "copy", "correction", "decision", "erasure"]
    outcome: Callable[[Dataset, Ask], Asked]
    assurance: Literal["as_given", "address", "fresh"] = "fresh"
    asked_by: Literal["person", "operator"] = "person"
