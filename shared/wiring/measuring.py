"""Use cases around limits on processing, built when they are first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.intake_and_delivery import IntakeAndDelivery

if TYPE_CHECKING:
    from shared.ports.erasing import Holds
    from shared.use_cases.applying_measures import ApplyingMeasures
    from shared.use_cases.changing_measures import ChangingMeasures
    from shared.use_cases.lifting_measures import LiftingMeasures
    from shared.use_cases.looking_up import LookingUp
    from shared.use_cases.own_consents import OwnConsents


class Measuring(IntakeAndDelivery):
    """The graph of restrictions, objections and consents."""

    @cached_property
    def changing_measures(self) -> "ChangingMeasures":
        """Write limits, and tell of it."""
        from shared.use_cases.changing_measures import ChangingMeasures

        return ChangingMeasures(measures=self.measures, references=self.references, bus=self.bus)

    @cached_property
    def applying_measures(self) -> "ApplyingMeasures":
        """Set limits on processing."""
        from shared.use_cases.applying_measures import ApplyingMeasures

        return ApplyingMeasures(
            changing=self.changing_measures,
            consents=self.consents,
            references=self.references,
            lifting_after=self.settings.lifting_after,
        )

    @cached_property
    def lifting_measures(self) -> "LiftingMeasures":
        """End limits on processing."""
        from shared.use_cases.lifting_measures import LiftingMeasures
        from shared.use_cases.uninvolved import Uninvolved

        settings = self.settings
        return LiftingMeasures(
            dossiers=self.dossiers,
            maps=self.maps,
            changing=self.changing_measures,
            uninvolved=Uninvolved(requests=self.requests, references=self.references),
            owning=self.owning,
            waits=self.waits,
            mover=self.mover,
            clock=self.clock,
            home_tenant=settings.home_tenant_id,
            lifting_after=settings.lifting_after,
            fresh_proof_for=settings.fresh_proof_for,
        )

    @cached_property
    def look_up(self) -> "LookingUp":
        """Tell services what may be done."""
        from shared.use_cases.looking_up import LookingUp

        settings = self.settings
        return LookingUp(
            measures=self.measures,
            maps=self.maps,
            references=self.references,
            flood=self.limits,
            clock=self.clock,
            home_tenant=settings.home_tenant_id,
            max_age=settings.lookup_max_age,
            per_service=settings.lookups_per_service,
            window=settings.intake_window,
        )

    @cached_property
    def own_consents(self) -> "OwnConsents":
        """A person's own record of consent."""
        from shared.use_cases.own_consents import OwnConsents

        return OwnConsents(owning=self.owning, consents=self.consents)

    @cached_property
    def holds(self) -> "Holds":
        """What keeps data from being erased: restrictions."""
        from shared.use_cases.restriction_holds import RestrictionHolds

        return RestrictionHolds(
            measures=self.measures,
            requests=self.requests,
            dossiers=self.dossiers,
            references=self.references,
            maps=self.maps,
            clock=self.clock,
        )
