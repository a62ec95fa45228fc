"""Use cases that take requests in and hand answers over, built when they are first asked for."""

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.ports import Ports

if TYPE_CHECKING:
    from shared.use_cases.confirm_identity import ConfirmIdentityUseCase
    from shared.use_cases.deliver_export import DeliverExport
    from shared.use_cases.moving import Mover
    from shared.use_cases.oversee_requests import OverseeRequests
    from shared.use_cases.owning import Owning
    from shared.use_cases.pausing import AnswerClock
    from shared.use_cases.reading_dossiers import Dossiers
    from shared.use_cases.resend_code import ResendCodeUseCase
    from shared.use_cases.send_code import SendCodeUseCase
    from shared.use_cases.submit_request import SubmitRequestUseCase
    from shared.use_cases.withdraw_request import WithdrawRequestUseCase

# Longer than a function may run: no step that was under way can still write after it.
_TIDY_AFTER = timedelta(minutes=15)


class IntakeAndDelivery(Ports):
    """The graph around a request: its beginning, its proof, its answer."""

    @cached_property
    def mover(self) -> "Mover":
        """How requests move."""
        from shared.use_cases.moving import Mover

        return Mover(requests=self.requests, bus=self.bus)

    @cached_property
    def dossiers(self) -> "Dossiers":
        """How dossiers are opened."""
        from shared.use_cases.reading_dossiers import Dossiers

        return Dossiers(keys=self.keys)

    @cached_property
    def answer_clock(self) -> "AnswerClock":
        """When answers are due."""
        from shared.use_cases.pausing import AnswerClock

        return AnswerClock(
            deadlines=self.deadlines,
            promised_within=self.settings.answer_within,
            prompt_within=self.settings.prompt_within,
        )

    @cached_property
    def owning(self) -> "Owning":
        """Whose request it is."""
        from shared.use_cases.owning import Owning

        return Owning(
            requests=self.requests,
            subjects=self.subjects,
            dossiers=self.dossiers,
            references=self.references,
            clock=self.clock,
        )

    @cached_property
    def submit_request(self) -> "SubmitRequestUseCase":
        """Receive a request."""
        from shared.use_cases.submit_request import IntakeRules, SubmitRequestUseCase

        settings = self.settings
        return SubmitRequestUseCase(
            requests=self.requests,
            keys=self.keys,
            waits=self.waits,
            deadlines=self.deadlines,
            subjects=self.subjects,
            limits=self.limits,
            references=self.references,
            mover=self.mover,
            clock=self.clock,
            new_id=self.new_id,
            maps=self.maps,
            rules=IntakeRules(
                answer_within=settings.answer_within,
                foreign_periods=settings.foreign_periods,
                code_valid_for=settings.code_valid_for,
                code_tries=settings.code_tries,
                reissue_after=settings.reissue_after,
                per_network=settings.intake_per_network,
                per_caller=settings.intake_per_caller,
                window=settings.intake_window,
            ),
        )

    @cached_property
    def send_code(self) -> "SendCodeUseCase":
        """Mail a code."""
        from shared.use_cases.send_code import CodeBudget, SendCodeUseCase

        settings = self.settings
        return SendCodeUseCase(
            requests=self.requests,
            dossiers=self.dossiers,
            references=self.references,
            limits=self.limits,
            mailer=self.mailer,
            renderer=self.renderer,
            mover=self.mover,
            bus=self.bus,
            clock=self.clock,
            budget=CodeBudget(
                per_address=settings.codes_per_address,
                per_domain=settings.codes_per_domain,
                window=settings.codes_window,
            ),
            code_valid_for=settings.code_valid_for,
            public_url=settings.public_url,
        )

    @cached_property
    def resend_code(self) -> "ResendCodeUseCase":
        """Issue a new code."""
        from shared.use_cases.resend_code import ResendCodeUseCase

        settings = self.settings
        return ResendCodeUseCase(
            requests=self.requests,
            waits=self.waits,
            mover=self.mover,
            clock=self.clock,
            code_valid_for=settings.code_valid_for,
            code_tries=settings.code_tries,
            codes_per_request=settings.codes_per_request,
            reissue_after=settings.reissue_after,
        )

    @cached_property
    def confirm_identity(self) -> "ConfirmIdentityUseCase":
        """Take a code."""
        from shared.use_cases.confirm_identity import ConfirmIdentityUseCase

        return ConfirmIdentityUseCase(
            requests=self.requests,
            waits=self.waits,
            subjects=self.subjects,
            dossiers=self.dossiers,
            references=self.references,
            answer_clock=self.answer_clock,
            mover=self.mover,
            clock=self.clock,
            session_for=self.settings.session_for,
            reissue_after=self.settings.reissue_after,
        )

    @cached_property
    def withdraw_request(self) -> "WithdrawRequestUseCase":
        """Withdraw a request."""
        from shared.use_cases.withdraw_request import WithdrawRequestUseCase

        return WithdrawRequestUseCase(
            requests=self.requests,
            owning=self.owning,
            waits=self.waits,
            mover=self.mover,
            clock=self.clock,
            tidy_after=_TIDY_AFTER,
        )

    @cached_property
    def deliver_export(self) -> "DeliverExport":
        """Hand over a package."""
        from shared.use_cases.deliver_export import DeliverExport

        settings = self.settings
        return DeliverExport(
            requests=self.requests,
            waits=self.waits,
            exports=self.exports,
            packages=self.packages,
            owning=self.owning,
            references=self.references,
            mover=self.mover,
            clock=self.clock,
            home_tenant=settings.home_tenant_id,
            fresh_proof=settings.delivery_proof == "fresh",
            fresh_proof_for=settings.fresh_proof_for,
            download_valid_for=settings.download_valid_for,
            link_tries=settings.link_tries,
            reissue_after=settings.reissue_after,
        )

    @cached_property
    def oversee_requests(self) -> "OverseeRequests":
        """What operators see."""
        from shared.use_cases.oversee_requests import OverseeRequests

        return OverseeRequests(
            requests=self.requests, deadlines=self.deadlines, home_tenant=self.settings.home_tenant_id
        )
