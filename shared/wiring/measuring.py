"""Use cases around limits on processing, built when they are first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.intake_and_delivery import IntakeAndDelivery

if TYPE_CHECKING:
    from shared.use_cases.applying_measures import ApplyingMeasures


class Measuring(IntakeAndDelivery):
    """The graph of restrictions, objections and consents."""

    @cached_property
    def applying_measures(self) -> "ApplyingMeasures":
        """Set limits on processing."""
        from shared.use_cases.applying_measures import ApplyingMeasures

        return ApplyingMeasures()
