"""Use cases around customers and the cases that are theirs, built when they are first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.erasures import Erasures

if TYPE_CHECKING:
    from shared.use_cases.acting_for_tenants import ActingForTenants
    from shared.use_cases.awaiting_controllers import AwaitingControllers
    from shared.use_cases.controller_cases import ControllerCases
    from shared.use_cases.disclosing import Disclosing
    from shared.use_cases.keeping_instructions import KeepingInstructions
    from shared.use_cases.splitting_cases import SplittingCases
    from shared.use_cases.tenant_statistics import TenantStatistics
    from shared.use_cases.tenant_terms import TenantTerms


class Tenancy(Erasures):
    """The graph of controllers and processors."""

    @cached_property
    def splitting_cases(self) -> "SplittingCases":
        """Split off what is a customer's to decide."""
        from shared.use_cases.splitting_cases import SplittingCases

        return SplittingCases(
            requests=self.requests,
            keys=self.keys,
            waits=self.waits,
            deadlines=self.deadlines,
            subjects=self.subjects,
            tenants=self.tenants,
            cases=self.tenant_cases,
            references=self.references,
            answer_clock=self.answer_clock,
            mover=self.mover,
            clock=self.clock,
            reissue_after=self.settings.reissue_after,
        )

    @cached_property
    def awaiting_controllers(self) -> "AwaitingControllers":
        """Wait for customers."""
        from shared.use_cases.awaiting_controllers import AwaitingControllers, Ladder

        settings = self.settings
        return AwaitingControllers(
            tenants=self.tenants,
            move=self.erasure_moves,
            clock=self.clock,
            ladder=Ladder(
                asked_within_working_days=settings.forward_within_working_days,
                reminded_after=settings.controller_reminded_after,
                others_after=settings.controller_others_after,
                partner_after=settings.controller_partner_after,
                late_after=settings.controller_late_after,
            ),
            reissue_after=settings.reissue_after,
        )

    @cached_property
    def acting_for_tenants(self) -> "ActingForTenants":
        """Who may act for a customer."""
        from shared.use_cases.acting_for_tenants import ActingForTenants

        return ActingForTenants(tenants=self.tenants, clock=self.clock)

    @cached_property
    def keeping_instructions(self) -> "KeepingInstructions":
        """Ask again whether a customer's decision holds."""
        from shared.use_cases.keeping_instructions import KeepingInstructions

        return KeepingInstructions(
            tenants=self.tenants, acting=self.acting_for_tenants, mover=self.mover, clock=self.clock
        )

    @cached_property
    def controller_cases(self) -> "ControllerCases":
        """What a customer sees of its cases, and decides."""
        from shared.use_cases.controller_cases import ControllerCases
        from shared.use_cases.resolve_identity import ResolveIdentity

        return ControllerCases(
            acting=self.acting_for_tenants,
            requests=self.requests,
            cases=self.tenant_cases,
            dossiers=self.dossiers,
            maps=self.maps,
            references=self.references,
            resolve=ResolveIdentity(connectors=self.connectors),
            waits=self.waits,
            mover=self.mover,
            clock=self.clock,
            reissue_after=self.settings.reissue_after,
        )

    @cached_property
    def tenant_terms(self) -> "TenantTerms":
        """A customer's terms and settings."""
        from shared.use_cases.tenant_terms import TenantTerms

        return TenantTerms(
            tenants=self.tenants,
            acting=self.acting_for_tenants,
            clock=self.clock,
            home_tenant=self.settings.home_tenant_id,
        )

    @cached_property
    def tenant_statistics(self) -> "TenantStatistics":
        """How a customer's cases ended."""
        from shared.use_cases.tenant_statistics import TenantStatistics

        return TenantStatistics(
            acting=self.acting_for_tenants,
            cases=self.tenant_cases,
            requests=self.requests,
            least=self.settings.statistics_least,
        )

    @cached_property
    def disclosing(self) -> "Disclosing":
        """Hand a user's data to an administrator."""
        from shared.use_cases.disclosing import Disclosing
        from shared.use_cases.resolve_identity import ResolveIdentity

        return Disclosing(
            acting=self.acting_for_tenants,
            requests=self.requests,
            keys=self.keys,
            waits=self.waits,
            deadlines=self.deadlines,
            subjects=self.subjects,
            cases=self.tenant_cases,
            references=self.references,
            resolve=ResolveIdentity(connectors=self.connectors),
            maps=self.maps,
            mover=self.mover,
            clock=self.clock,
            new_id=self.new_id,
            answer_within=self.settings.answer_within,
            reissue_after=self.settings.reissue_after,
        )
