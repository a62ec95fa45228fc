"""Use cases that do the work between intake and answer, built when they are first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from shared.wiring.correcting import Correcting
from shared.wiring.deciding import Deciding
from shared.wiring.guarding import Guarding
from shared.wiring.reviewing import Reviewing
from shared.wiring.tenancy import Tenancy

if TYPE_CHECKING:
    from shared.domain.service_task import Work
    from shared.use_cases.answer_task import AnswerTask
    from shared.use_cases.claim_task import ClaimTask
    from shared.use_cases.closing_cases import ClosingCases
    from shared.use_cases.ending_tasks import Ending
    from shared.use_cases.erasing import Erasing
    from shared.use_cases.exporting import Exporting
    from shared.use_cases.informing import Informing
    from shared.use_cases.lane_tasks import LaneTasks
    from shared.use_cases.looking import Surveying
    from shared.use_cases.oversee_erasures import OverseeErasures
    from shared.use_cases.plan_request import PlanRequestUseCase
    from shared.use_cases.run_service_task import RunServiceTaskUseCase, Worker
    from shared.use_cases.send_notice import SendNoticeUseCase
    from shared.use_cases.sweep_waits import SweepWaits
    from shared.use_cases.take_answer import TakeAnswerUseCase

_WORKERS = {
    "export": "exporting",
    "rectify": "rectifying",
    "survey": "surveying",
    "erase": "erasing",
    "inform": "informing",
}


class UseCases(Correcting, Deciding, Guarding, Reviewing, Tenancy):
    """The graph below the edge."""

    @cached_property
    def plan_request(self) -> "PlanRequestUseCase":
        """Plan a request."""
        from shared.use_cases.plan_request import PlanRequestUseCase
        from shared.use_cases.resolve_identity import ResolveIdentity

        return PlanRequestUseCase(
            requests=self.requests,
            dossiers=self.dossiers,
            references=self.references,
            resolve=ResolveIdentity(connectors=self.connectors),
            guarding=self.guarding_accounts,
            duplicates=self.joining_duplicates,
            answer_clock=self.answer_clock,
            instructions=self.keeping_instructions,
            splitting=self.splitting_cases,
            measures=self.applying_measures,
            advance=self.advance_request,
            maps=self.maps,
            mover=self.mover,
            clock=self.clock,
            code_valid_for=self.settings.code_valid_for,
            code_tries=self.settings.code_tries,
        )

    @cached_property
    def ending(self) -> "Ending":
        """What follows a task's end."""
        from shared.use_cases.ending_tasks import Ending

        return Ending(requests=self.requests, mover=self.mover, advance=self.advance_request, clock=self.clock)

    @cached_property
    def run_service_task(self) -> "RunServiceTaskUseCase":
        """Do one service's share."""
        from shared.use_cases.run_service_task import RunServiceTaskUseCase

        settings = self.settings
        return RunServiceTaskUseCase(
            requests=self.requests,
            fragments=self.fragments,
            worker=self._worker,
            ending=self.ending,
            halt=self.halt_erasure,
            mover=self.mover,
            clock=self.clock,
            attempts=settings.task_attempts,
            manual_margin=settings.manual_margin,
        )

    def _worker(self, work: "Work") -> "Worker":
        """Return who does a kind of work, built when it is first asked for: most instances do one kind."""
        worker: Worker = getattr(self, _WORKERS[work])
        return worker

    @cached_property
    def exporting(self) -> "Exporting":
        """One service's share of a copy."""
        from shared.use_cases.exporting import Exporting

        settings = self.settings
        return Exporting(
            work=self.service_work,
            blobs=self.fragments,
            clock=self.clock,
            new_id=self.new_id,
            step_for=settings.step_for,
            step_bytes=settings.step_bytes,
        )

    @cached_property
    def surveying(self) -> "Surveying":
        """The dry run of one service."""
        from shared.use_cases.looking import Surveying

        return Surveying(work=self.service_work, clock=self.clock, step_for=self.settings.step_for)

    @cached_property
    def erasing(self) -> "Erasing":
        """One service's erasure."""
        from shared.use_cases.erasing import Erasing

        settings = self.settings
        return Erasing(
            requests=self.requests,
            work=self.service_work,
            holds=self.holds,
            references=self.references,
            clock=self.clock,
            step_for=settings.step_for,
            drift_factor=settings.drift_factor,
            drift_extra=settings.drift_extra,
            public_url=settings.public_url,
        )

    @cached_property
    def informing(self) -> "Informing":
        """Word to a recipient."""
        from shared.use_cases.informing import Informing

        return Informing(
            dossiers=self.dossiers,
            maps=self.maps,
            egress=self.egress,
            mailer=self.mailer,
            renderer=self.renderer,
            clock=self.clock,
        )

    @cached_property
    def oversee_erasures(self) -> "OverseeErasures":
        """What operators decide about erasures."""
        from shared.use_cases.oversee_erasures import OverseeErasures

        return OverseeErasures(
            requests=self.requests,
            dossiers=self.dossiers,
            references=self.references,
            brakes=self.brakes,
            planning=self.plan_erasure,
            ending=self.ending,
            mover=self.mover,
            clock=self.clock,
            home_tenant=self.settings.home_tenant_id,
        )

    @cached_property
    def lane_tasks(self) -> "LaneTasks":
        """Tasks of services that listen to their own lane."""
        from shared.use_cases.lane_tasks import LaneTasks

        return LaneTasks(
            requests=self.requests,
            maps=self.maps,
            halt=self.halt_erasure,
            home_tenant=self.settings.home_tenant_id,
        )

    @cached_property
    def claim_task(self) -> "ClaimTask":
        """Hand a service its task."""
        from shared.use_cases.claim_task import ClaimTask

        settings = self.settings
        return ClaimTask(
            tasks=self.lane_tasks,
            uploads=self.fragments,
            dossiers=self.dossiers,
            maps=self.maps,
            holds=self.holds,
            mover=self.mover,
            clock=self.clock,
            limits=self.limits,
            upload_valid_for=settings.upload_valid_for,
            claims_per_task=settings.claims_per_task,
            window=settings.intake_window,
            drift_factor=settings.drift_factor,
            drift_extra=settings.drift_extra,
        )

    @cached_property
    def answer_task(self) -> "AnswerTask":
        """Take in a service's outcome."""
        from shared.use_cases.answer_task import AnswerTask

        return AnswerTask(
            tasks=self.lane_tasks,
            uploads=self.fragments,
            dossiers=self.dossiers,
            ending=self.ending,
            mover=self.mover,
            clock=self.clock,
            manual_margin=self.settings.manual_margin,
        )

    @cached_property
    def take_answer(self) -> "TakeAnswerUseCase":
        """Take in what a system outside did."""
        from shared.use_cases.take_answer import TakeAnswerUseCase

        return TakeAnswerUseCase(
            requests=self.requests,
            dossiers=self.dossiers,
            references=self.references,
            limits=self.limits,
            mover=self.mover,
            wrong_per_network=self.settings.intake_per_network,
            window=self.settings.intake_window,
        )

    @cached_property
    def send_notice(self) -> "SendNoticeUseCase":
        """Mail a notice."""
        from shared.use_cases.addressing import Addressing
        from shared.use_cases.send_notice import SendNoticeUseCase

        return SendNoticeUseCase(
            requests=self.requests,
            subjects=self.subjects,
            dossiers=self.dossiers,
            references=self.references,
            maps=self.maps,
            addressing=Addressing(tenants=self.tenants),
            mailer=self.mailer,
            renderer=self.renderer,
            mover=self.mover,
            clock=self.clock,
            public_url=self.settings.public_url,
            cases_url=self.settings.cases_url,
            starts_at=self.erasure_rules.starts_at,
        )

    @cached_property
    def closing(self) -> "ClosingCases":
        """What becomes of an answered request."""
        from shared.use_cases.closing_cases import ClosingCases

        return ClosingCases(
            requests=self.requests,
            dossiers=self.dossiers,
            references=self.references,
            turns=self.taking_turns,
            duplicates=self.joining_duplicates,
            keys=self.keys,
            subjects=self.subjects,
            exports=self.exports,
            deadlines=self.deadlines,
            tenant_cases=self.tenant_cases,
            fragments=self.fragments,
            packages=self.packages,
            mover=self.mover,
            reissue_after=self.settings.reissue_after,
        )

    @cached_property
    def sweep_waits(self) -> "SweepWaits":
        """Look again at what waits."""
        from shared.use_cases.sweep_waits import SweepWaits

        settings = self.settings
        return SweepWaits(
            requests=self.requests,
            waits=self.waits,
            closing=self.closing,
            lifting=self.lifting_measures,
            controllers=self.awaiting_controllers,
            clocks=self.watching_clocks,
            ending=self.ending,
            reviewing=self.reviewing_copies,
            mover=self.mover,
            clock=self.clock,
            rules=self.erasure_rules,
            reissue_after=settings.reissue_after,
            manual_margin=settings.manual_margin,
            proof_within=settings.proof_within,
            batch=settings.sweep_batch,
            run_for=settings.sweep_for,
        )
