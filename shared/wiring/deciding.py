"""Use cases around clocks and people's decisions, built when they are first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.erasures import Erasures

if TYPE_CHECKING:
    from shared.use_cases.clarifying import Clarifying
    from shared.use_cases.deciding_parts import DecidingParts
    from shared.use_cases.ending_unproven import EndingUnproven
    from shared.use_cases.extending import Extending
    from shared.use_cases.joining_duplicates import JoiningDuplicates
    from shared.use_cases.noting_bounces import NotingBounces
    from shared.use_cases.reading_asks import ReadingAsks
    from shared.use_cases.recording_requests import RecordingRequests
    from shared.use_cases.uninvolved import Uninvolved
    from shared.use_cases.watching_clocks import WatchingClocks


class Deciding(Erasures):
    """The graph of clocks and decisions."""

    @cached_property
    def joining_duplicates(self) -> "JoiningDuplicates":
        """Join what was asked before."""
        from shared.use_cases.joining_duplicates import JoiningDuplicates

        return JoiningDuplicates(requests=self.requests, references=self.references, turns=self.turns)

    @cached_property
    def watching_clocks(self) -> "WatchingClocks":
        """Watch clocks."""
        from shared.use_cases.watching_clocks import WatchingClocks

        return WatchingClocks(
            answer_clock=self.answer_clock,
            maps=self.maps,
            mover=self.mover,
            reserve=self.settings.at_risk_reserve,
        )

    @cached_property
    def uninvolved(self) -> "Uninvolved":
        """Who may decide."""
        from shared.use_cases.uninvolved import Uninvolved

        return Uninvolved(requests=self.requests, references=self.references)

    @cached_property
    def extending(self) -> "Extending":
        """Take longer."""
        from shared.use_cases.extending import Extending

        return Extending(
            requests=self.requests,
            dossiers=self.dossiers,
            uninvolved=self.uninvolved,
            answer_clock=self.answer_clock,
            mover=self.mover,
            clock=self.clock,
            home_tenant=self.settings.home_tenant_id,
        )

    @cached_property
    def clarifying(self) -> "Clarifying":
        """Ask what is meant."""
        from shared.use_cases.clarifying import Clarifying

        return Clarifying(
            requests=self.requests,
            waits=self.waits,
            owning=self.owning,
            dossiers=self.dossiers,
            uninvolved=self.uninvolved,
            duplicates=self.joining_duplicates,
            answer_clock=self.answer_clock,
            mover=self.mover,
            clock=self.clock,
            home_tenant=self.settings.home_tenant_id,
        )

    @cached_property
    def deciding_parts(self) -> "DecidingParts":
        """Decide what was asked."""
        from shared.use_cases.deciding_parts import DecidingParts

        return DecidingParts(
            requests=self.requests,
            waits=self.waits,
            dossiers=self.dossiers,
            uninvolved=self.uninvolved,
            answer_clock=self.answer_clock,
            mover=self.mover,
            clock=self.clock,
            home_tenant=self.settings.home_tenant_id,
        )

    @cached_property
    def ending_unproven(self) -> "EndingUnproven":
        """End what nobody proved."""
        from shared.use_cases.ending_unproven import EndingUnproven

        return EndingUnproven(
            requests=self.requests,
            waits=self.waits,
            dossiers=self.dossiers,
            uninvolved=self.uninvolved,
            mover=self.mover,
            clock=self.clock,
            home_tenant=self.settings.home_tenant_id,
        )

    @cached_property
    def reading_asks(self) -> "ReadingAsks":
        """Show what is sealed to whoever decides."""
        from shared.use_cases.reading_asks import ReadingAsks

        return ReadingAsks(
            requests=self.requests,
            dossiers=self.dossiers,
            uninvolved=self.uninvolved,
            mover=self.mover,
            clock=self.clock,
            home_tenant=self.settings.home_tenant_id,
        )

    @cached_property
    def recording_requests(self) -> "RecordingRequests":
        """Take in what came by another channel."""
        from shared.use_cases.recording_requests import RecordingRequests

        settings = self.settings
        return RecordingRequests(
            requests=self.requests,
            keys=self.keys,
            waits=self.waits,
            deadlines=self.deadlines,
            references=self.references,
            answer_clock=self.answer_clock,
            maps=self.maps,
            mover=self.mover,
            clock=self.clock,
            new_id=self.new_id,
            code_valid_for=settings.code_valid_for,
            code_tries=settings.code_tries,
            reissue_after=settings.reissue_after,
            foreign_periods=settings.foreign_periods,
            home_tenant=settings.home_tenant_id,
        )

    @cached_property
    def noting_bounces(self) -> "NotingBounces":
        """Hear of mail that never arrived."""
        from shared.use_cases.noting_bounces import NotingBounces

        return NotingBounces(
            requests=self.requests,
            subjects=self.subjects,
            waits=self.waits,
            dossiers=self.dossiers,
            references=self.references,
            mover=self.mover,
            clock=self.clock,
            home_tenant=self.settings.home_tenant_id,
        )
