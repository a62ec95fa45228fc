"""Use cases that guard accounts against takeover, built when they are first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.erasures import Erasures

if TYPE_CHECKING:
    from shared.use_cases.guarding_accounts import GuardingAccounts
    from shared.use_cases.noting_account_events import NotingAccountEvents


class Guarding(Erasures):
    """The graph of second proofs, representatives and lost accounts."""

    @cached_property
    def guarding_accounts(self) -> "GuardingAccounts":
        """Ask for a second proof."""
        from shared.use_cases.guarding_accounts import GuardingAccounts

        settings = self.settings
        return GuardingAccounts(
            events=self.account_events,
            keys=self.keys,
            references=self.references,
            clock=self.clock,
            window=settings.takeover_window,
            corrected_for=settings.corrected_unproven_for,
            kept_for=settings.account_events_kept_for,
        )

    @cached_property
    def noting_account_events(self) -> "NotingAccountEvents":
        """Note what the app tells of accounts."""
        from shared.use_cases.noting_account_events import NotingAccountEvents

        settings = self.settings
        return NotingAccountEvents(
            events=self.account_events,
            keys=self.keys,
            references=self.references,
            clock=self.clock,
            home_tenant=settings.home_tenant_id,
            clients=frozenset(one.strip() for one in settings.app_clients.split(",") if one.strip()),
            kept_for=settings.account_events_kept_for,
        )
