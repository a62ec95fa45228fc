"""Counts that are small enough to point at people are left out, and so is what they could be computed from."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table; None stands for a count that is left out, be it none at all or a few."""

    total: int | None
    counts: Mapping[str, int | None]


def suppressed(counts: Mapping[str, int], least: int) -> Row:
    """Return a line of counts, with their total where it can be told.

    Whatever is below `least` is left out. What is left out of a line whose total is told can be computed together: so
    the next smaller counts are left out too, until together they are `least` or more.
    """
    total = sum(counts.values())
    if total < least:
        return Row(total=None, counts=dict.fromkeys(counts))
    hidden = {name for name, count in counts.items() if count < least}
    rest = sorted((count, name) for name, count in counts.items() if name not in hidden)
    together = sum(counts[name] for name in hidden)
    while 0 < together < least:
        count, name = rest.pop(0)
        hidden.add(name)
        together += count
    return Row(total=total, counts={name: None if name in hidden else count for name, count in counts.items()})
