"""Use cases that guard accounts against takeover, built when they are first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.erasures import Erasures

if TYPE_CHECKING:
    from shared.use_cases.guarding_accounts import GuardingAccounts


class Guarding(Erasures):
    """The graph of second proofs, representatives and lost accounts."""

    @cached_property
    def guarding_accounts(self) -> "GuardingAccounts":
        """Ask for a second proof."""
        from shared.use_cases.guarding_accounts import GuardingAccounts

        return GuardingAccounts()
