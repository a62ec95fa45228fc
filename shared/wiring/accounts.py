"""Use cases that keep what tells of a takeover, built when they are first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.measuring import Measuring

if TYPE_CHECKING:
    from shared.use_cases.noting_account_events import NotingAccountEvents


class Accounts(Measuring):
    """The graph of what is known of accounts."""

    @cached_property
    def noting_account_events(self) -> "NotingAccountEvents":
        """Note what the app tells of accounts, and what was corrected."""
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
