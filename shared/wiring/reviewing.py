"""Use cases around copies that a person looks through first, built when they are first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.erasures import Erasures

if TYPE_CHECKING:
    from shared.use_cases.assemble_export import AssembleExportUseCase
    from shared.use_cases.review_desk import ReviewDesk
    from shared.use_cases.reviewing_copies import ReviewingCopies


class Reviewing(Erasures):
    """The graph of reviews, and of the assembly that waits for them."""

    @cached_property
    def reviewing_copies(self) -> "ReviewingCopies":
        """Hold a copy until somebody has looked."""
        from shared.use_cases.reviewing_copies import ReviewingCopies

        return ReviewingCopies(
            dossiers=self.dossiers,
            maps=self.maps,
            reviews=self.reviews,
            waits=self.waits,
            mover=self.mover,
            clock=self.clock,
            reserve=self.settings.review_reserve,
            erasure_reserve=self.settings.erasure_reserve,
        )

    @cached_property
    def review_desk(self) -> "ReviewDesk":
        """What reviewers see and decide."""
        from shared.use_cases.review_desk import ReviewDesk

        return ReviewDesk(
            requests=self.requests,
            reviews=self.reviews,
            blobs=self.fragments,
            dossiers=self.dossiers,
            maps=self.maps,
            references=self.references,
            reviewing=self.reviewing_copies,
            mover=self.mover,
            clock=self.clock,
            new_id=self.new_id,
            link_valid_for=self.settings.download_valid_for,
            home_tenant=self.settings.home_tenant_id,
        )

    @cached_property
    def assemble_export(self) -> "AssembleExportUseCase":
        """Put a package together."""
        from shared.use_cases.assemble_export import AssembleExportUseCase

        settings = self.settings
        return AssembleExportUseCase(
            requests=self.requests,
            fragments=self.fragments,
            packages=self.packages,
            exports=self.exports,
            waits=self.waits,
            dossiers=self.dossiers,
            maps=self.maps,
            renderer=self.renderer,
            reviewing=self.reviewing_copies,
            mover=self.mover,
            clock=self.clock,
            package_kept_for=settings.package_kept_for,
            step_for=settings.step_for,
        )
