"""Use cases around corrections, built when they are first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.erasures import Erasures

if TYPE_CHECKING:
    from shared.use_cases.rectifying import Rectifying
    from shared.use_cases.update_profile import UpdateProfileUseCase


class Correcting(Erasures):
    """The graph of rectifications."""

    @cached_property
    def rectifying(self) -> "Rectifying":
        """One service's corrections."""
        from shared.use_cases.rectifying import Rectifying

        return Rectifying(
            requests=self.requests,
            work=self.service_work,
            holds=self.holds,
            references=self.references,
            clock=self.clock,
            step_for=self.settings.step_for,
            public_url=self.settings.public_url,
        )

    @cached_property
    def update_profile(self) -> "UpdateProfileUseCase":
        """Change one's own profile."""
        from shared.use_cases.update_profile import UpdateProfileUseCase

        return UpdateProfileUseCase(submit=self.submit_request, tenants=self.tenants, maps=self.maps)
