"""Use cases that guard accounts against takeover, built when they are first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.erasures import Erasures

if TYPE_CHECKING:
    from shared.use_cases.checking_authority import CheckingAuthority
    from shared.use_cases.clearing_doubts import ClearingDoubts
    from shared.use_cases.guarding_accounts import GuardingAccounts
    from shared.use_cases.stopping_requests import StoppingRequests
    from shared.use_cases.two_operators import TwoOperators
    from shared.use_cases.vouching_identity import VouchingIdentity


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
    def two_operators(self) -> "TwoOperators":
        """Four eyes."""
        from shared.use_cases.two_operators import TwoOperators
        from shared.use_cases.uninvolved import Uninvolved

        return TwoOperators(
            uninvolved=Uninvolved(requests=self.requests, references=self.references),
            references=self.references,
            mover=self.mover,
            clock=self.clock,
            home_tenant=self.settings.home_tenant_id,
        )

    @cached_property
    def stopping_requests(self) -> "StoppingRequests":
        """Stop what was announced."""
        from shared.use_cases.stopping_requests import StoppingRequests

        settings = self.settings
        return StoppingRequests(
            requests=self.requests,
            waits=self.waits,
            references=self.references,
            answer_clock=self.answer_clock,
            limits=self.limits,
            mover=self.mover,
            clock=self.clock,
            wrong_per_network=settings.link_tries,
            window=settings.intake_window,
            reissue_after=settings.reissue_after,
        )

    @cached_property
    def clearing_doubts(self) -> "ClearingDoubts":
        """Let go on what was stopped."""
        from shared.use_cases.clearing_doubts import ClearingDoubts

        return ClearingDoubts(
            requests=self.requests,
            waits=self.waits,
            dossiers=self.dossiers,
            two=self.two_operators,
            answer_clock=self.answer_clock,
            mover=self.mover,
            clock=self.clock,
            reissue_after=self.settings.reissue_after,
        )

    @cached_property
    def vouching_identity(self) -> "VouchingIdentity":
        """Establish who asks by facts."""
        from shared.use_cases.vouching_identity import VouchingIdentity

        return VouchingIdentity(
            requests=self.requests,
            subjects=self.subjects,
            waits=self.waits,
            dossiers=self.dossiers,
            two=self.two_operators,
            answer_clock=self.answer_clock,
            mover=self.mover,
            clock=self.clock,
            reissue_after=self.settings.reissue_after,
        )

    @cached_property
    def checking_authority(self) -> "CheckingAuthority":
        """Check a representative's authority."""
        from shared.use_cases.checking_authority import CheckingAuthority

        return CheckingAuthority(
            requests=self.requests,
            waits=self.waits,
            dossiers=self.dossiers,
            two=self.two_operators,
            mover=self.mover,
            clock=self.clock,
            reissue_after=self.settings.reissue_after,
        )
