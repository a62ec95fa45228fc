"""Use cases that carry an erasure from its dry run to its certificate, built when they are first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.accounts import Accounts

if TYPE_CHECKING:
    from shared.use_cases.advance_request import AdvanceRequestUseCase
    from shared.use_cases.erasure_moves import ErasureMoves, ErasureRules
    from shared.use_cases.halt_erasure import HaltErasure
    from shared.use_cases.issue_certificate import IssueCertificate
    from shared.use_cases.own_erasure import OwnErasure
    from shared.use_cases.plan_erasure import PlanErasure
    from shared.use_cases.service_work import ServiceWork
    from shared.use_cases.settling_requests import SettlingRequests
    from shared.use_cases.taking_turns import TakingTurns


class Erasures(Accounts):
    """The graph of an erasure."""

    @cached_property
    def advance_request(self) -> "AdvanceRequestUseCase":
        """Take an erasure on."""
        from shared.use_cases.advance_request import AdvanceRequestUseCase
        from shared.use_cases.follow_copy import FollowCopy
        from shared.use_cases.start_erasure import StartErasure

        return AdvanceRequestUseCase(
            requests=self.requests,
            maps=self.maps,
            follow_copy=FollowCopy(
                planning=self.plan_erasure,
                waits=self.waits,
                move=self.erasure_moves,
                clock=self.clock,
                rules=self.erasure_rules,
            ),
            settling=self.settling,
            planning=self.plan_erasure,
            start=StartErasure(
                maps=self.maps,
                holds=self.holds,
                brakes=self.brakes,
                turns=self.taking_turns,
                halt=self.halt_erasure,
                move=self.erasure_moves,
                clock=self.clock,
                rules=self.erasure_rules,
            ),
            certify=self.issue_certificate,
            turns=self.taking_turns,
            move=self.erasure_moves,
            clock=self.clock,
            rules=self.erasure_rules,
        )

    @cached_property
    def settling(self) -> "SettlingRequests":
        """What was asked beside copies and an erasure."""
        from shared.use_cases.noting_corrections import NotingCorrections
        from shared.use_cases.settling_requests import SettlingRequests

        return SettlingRequests(
            dossiers=self.dossiers,
            maps=self.maps,
            measures=self.applying_measures,
            corrections=NotingCorrections(noting=self.noting_account_events),
            planning=self.plan_erasure,
            move=self.erasure_moves,
            clock=self.clock,
            inform_within=self.settings.inform_within,
        )

    @cached_property
    def erasure_moves(self) -> "ErasureMoves":
        """How an erasure moves its request."""
        from shared.use_cases.erasure_moves import ErasureMoves

        return ErasureMoves(mover=self.mover, clock=self.clock)

    @cached_property
    def plan_erasure(self) -> "PlanErasure":
        """Look, and plan."""
        from shared.use_cases.plan_erasure import PlanErasure

        return PlanErasure(
            requests=self.requests,
            dossiers=self.dossiers,
            maps=self.maps,
            holds=self.holds,
            waits=self.waits,
            move=self.erasure_moves,
            clock=self.clock,
            rules=self.erasure_rules,
        )

    @cached_property
    def halt_erasure(self) -> "HaltErasure":
        """Stop for a person to look."""
        from shared.use_cases.halt_erasure import HaltErasure

        return HaltErasure(requests=self.requests, turns=self.taking_turns, move=self.erasure_moves)

    @cached_property
    def taking_turns(self) -> "TakingTurns":
        """In what order a person's requests are worked on."""
        from shared.use_cases.taking_turns import TakingTurns

        return TakingTurns(
            requests=self.requests,
            subjects=self.subjects,
            dossiers=self.dossiers,
            references=self.references,
            turns=self.turns,
        )

    @cached_property
    def erasure_rules(self) -> "ErasureRules":
        """The settings an erasure follows."""
        from shared.use_cases.erasure_moves import ErasureRules

        settings = self.settings
        return ErasureRules(
            cooling_off=settings.cooling_off,
            approval=settings.erasure_approval,
            remind_after=settings.package_reminder_after,
            start_after=settings.erasure_after_reminder,
            reserve=settings.erasure_reserve,
            inform_within=settings.inform_within,
            brake_limit=settings.brake_limit,
            brake_window=settings.brake_window,
        )

    @cached_property
    def issue_certificate(self) -> "IssueCertificate":
        """Sign what was done."""
        from shared.use_cases.issue_certificate import IssueCertificate

        return IssueCertificate(
            packages=self.packages,
            exports=self.exports,
            waits=self.waits,
            dossiers=self.dossiers,
            maps=self.maps,
            references=self.references,
            signer=self.signer,
            renderer=self.renderer,
            mover=self.mover,
            clock=self.clock,
            public_url=self.settings.public_url,
            kept_for=self.settings.certificate_kept_for,
            case_file_kept_for=self.settings.case_file_kept_for,
        )

    @cached_property
    def own_erasure(self) -> "OwnErasure":
        """What a person sees and decides of their erasure."""
        from shared.use_cases.own_erasure import OwnErasure

        return OwnErasure(
            owning=self.owning,
            mover=self.mover,
            clock=self.clock,
            fresh_proof_for=self.settings.fresh_proof_for,
        )

    @cached_property
    def service_work(self) -> "ServiceWork":
        """What a step on a service needs."""
        from shared.use_cases.service_work import ServiceWork

        return ServiceWork(connectors=self.connectors, dossiers=self.dossiers, maps=self.maps)
