"""Use cases around customers and the cases that are theirs, built when they are first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.erasures import Erasures

if TYPE_CHECKING:
    from shared.use_cases.awaiting_controllers import AwaitingControllers
    from shared.use_cases.splitting_cases import SplittingCases


class Tenancy(Erasures):
    """The graph of controllers and processors."""

    @cached_property
    def splitting_cases(self) -> "SplittingCases":
        """Split off what is a customer's to decide."""
        from shared.use_cases.splitting_cases import SplittingCases

        return SplittingCases()

    @cached_property
    def awaiting_controllers(self) -> "AwaitingControllers":
        """Wait for customers."""
        from shared.use_cases.awaiting_controllers import AwaitingControllers

        return AwaitingControllers()
