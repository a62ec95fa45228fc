"""What a benchmark reports: one JSON line a figure."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure and the target it is held to. `detail` tells what it was made of."""

    metric: str
    value: float
    unit: str
    target: float
    at_least: bool = False
    detail: dict[str, float] | None = None

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        return self.value >= self.target if self.at_least else self.value <= self.target

    def line(self) -> str:
        """Return the figure as one JSON line."""
        sign: Literal["≥", "≤"] = "≥" if self.at_least else "≤"
        told = {
            "metric": self.metric,
            "value": round(self.value, 3),
            "unit": self.unit,
            "target": f"{sign} {self.target:g}",
            "holds": self.holds,
        }
        if self.detail:
            told["detail"] = {name: round(value, 3) for name, value in self.detail.items()}
        return json.dumps(told, ensure_ascii=False)


def interleaved(ours: Callable[[], float], theirs: Callable[[], float], runs: int) -> tuple[float, float]:
    """Measure two things in turn, so that a machine that drifts drifts for both; return both medians."""
    pairs = [(ours(), theirs()) for _ in range(runs)]
    return median(one for one, _ in pairs), median(other for _, other in pairs)
