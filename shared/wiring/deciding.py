"""Use cases around clocks and people's decisions, built when they are first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.erasures import Erasures

if TYPE_CHECKING:
    from shared.use_cases.joining_duplicates import JoiningDuplicates
    from shared.use_cases.watching_clocks import WatchingClocks


class Deciding(Erasures):
    """The graph of clocks and decisions."""

    @cached_property
    def joining_duplicates(self) -> "JoiningDuplicates":
        """Join what was asked before."""
        from shared.use_cases.joining_duplicates import JoiningDuplicates

        return JoiningDuplicates()

    @cached_property
    def watching_clocks(self) -> "WatchingClocks":
        """Watch clocks."""
        from shared.use_cases.watching_clocks import WatchingClocks

        return WatchingClocks()
