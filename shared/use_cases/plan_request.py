"""Plan a verified request: freeze who it is about, and send every service that may hold something its task."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.domain.data_map import DataMap
from shared.domain.dossier import Dossier
from shared.domain.errors import Permanent, Poison
from shared.domain.references import References
from shared.domain.request import Erasing, Export, ExportId, Part, Request, RequestId, Verification
from shared.domain.service_task import ServiceTask, Work
from shared.domain.states import Happening, State
from shared.messages.commands import AnyCommand, AssembleExport, PlanRequest, SendCode, SendNotice
from shared.ports.case_keys import Seal
from shared.ports.requests import Case, Move, RequestStore
from shared.ports.world import Clock, Maps
from shared.rights import discovered, in_lawful_order
from shared.rights.rectification import needs_decision
from shared.use_cases.advance_request import AdvanceRequestUseCase
from shared.use_cases.announcing import announced_of, is_to_announce
from shared.use_cases.applying_measures import ApplyingMeasures
from shared.use_cases.changing_measures import is_measure
from shared.use_cases.erasure_moves import marked
from shared.use_cases.guarding_accounts import SECOND_PROOF, GuardingAccounts
from shared.use_cases.joining_duplicates import JoiningDuplicates
from shared.use_cases.keeping_instructions import KeepingInstructions
from shared.use_cases.moving import Mover
from shared.use_cases.opening_stages import searching_tasks, task_command, unanswered
from shared.use_cases.pausing import AnswerClock
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.resolve_identity import ResolveIdentity
from shared.use_cases.settling_requests import DECISION, is_unsettled
from shared.use_cases.splitting_cases import SplittingCases

log = logging.getLogger(__name__)

PLANNING_FAILED = "planning_failed"
AUTHORITY = "authority_to_check"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequestUseCase:
    """Turn one verified request into tasks, in one transaction with the frozen identifiers.

    Who asks is settled first: on whose authority, whether a second proof is needed, and whether they asked before. What
    a customer has to decide is split off; limits on processing are set at once. Only then does work begin. A request
    that was held up on its way is planned again: what was found out stays, and tasks that ended stay ended.
    """

    requests: RequestStore
    dossiers: Dossiers
    references: References
    resolve: ResolveIdentity
    guarding: GuardingAccounts
    duplicates: JoiningDuplicates
    instructions: KeepingInstructions
    splitting: SplittingCases
    measures: ApplyingMeasures
    answer_clock: AnswerClock
    advance: AdvanceRequestUseCase
    maps: Maps
    mover: Mover
    clock: Clock
    code_valid_for: timedelta
    code_tries: int

    async def __call__(self, command: PlanRequest) -> None:
        """Plan; when that was done before, send again what a crash may have left unsent.

        Where a store that identities are resolved from refuses for good, an operator sees it, and planning stays open:
        the sweep tries it again.

        Raises:
            NotFound: there is no such request.
            Transient: a store that identities are resolved from could not be read for now.
            StaleState: the request moved meanwhile.
        """
        case = await self.requests.load(RequestId(str(command.request_id)))
        request = case.request.row
        if request.state is not State.RECEIVED:
            if command.key in case.open:
                raise Poison("planning is open in a state that does not plan")
            await self.mover.send(unanswered(case, self.clock()))
            return
        if not await self.instructions.hold(case):
            return
        if request.authority == "to_check":
            await self._mark(case, AUTHORITY, closes=[command.key])
            return
        data_map = self.maps.current()
        dossier, seal = await self.dossiers.opened(request)
        attention = request.attention
        if not dossier.people:
            try:
                found = await self.resolve(dossier, data_map)
            except Permanent as error:
                log.warning("planning failed request_id=%s code=%s", request.id, error.code)
                await self._mark(case, PLANNING_FAILED)
                return
            people = found.people
            attention = tuple(sorted({*found.attention, *request.attention} - {PLANNING_FAILED}))
            dossier = dossier.model_copy(update={"people": tuple(person.identifiers for person in people)})
            request = request.model_copy(
                update={"parts": _parts(request, [(person.tenant, person.own) for person in people])}
            )
        guarded = await self.guarding.look(request, dossier, data_map)
        dossier = dossier.model_copy(update={"previous_addresses": guarded.previous})
        if guarded.second_proof != "not_needed":
            await self.measures.apply(request, guarded.free, dossier, data_map)
            held = request.model_copy(update={"attention": attention})
            await self._ask_again(case, held, dossier, seal, guarded.second_proof)
            return
        first = await self.duplicates.earlier(request, dossier)
        if first is not None:
            await self._join(case, first)
            return
        linked = await self.splitting.split(request, request.parts, dossier, data_map)
        undecided = _to_decide(request, dossier, data_map)
        parts = await self.measures.apply(request, undecided, dossier, data_map)
        planned = Planned(
            parts=parts,
            linked=linked,
            attention=attention,
            dossier=seal.lock(dossier.model_dump_json().encode()),
            map_version=data_map.version,
        )
        await self._begin(case, planned, dossier, data_map)

    async def _begin(self, case: Case, planned: "Planned", dossier: Dossier, data_map: DataMap) -> None:
        """Begin with what comes first by law: copies, then what people decide or change, then an erasure."""
        request, now = case.request.row, self.clock()
        whole = request.export is not None and request.export.size is not None
        copies = not whole and any(_does(part, "copy") for part in planned.parts)
        settles = any(is_unsettled(part) for part in planned.parts)
        erases = any(_does(part, "erasure") for part in planned.parts)
        changes = {name: getattr(planned, name) for name in Planned.__slots__}
        erasure = (request.erasure or Erasing()) if erases else None
        if not copies and (settles or not erases):
            awaited = any(part.decide for part in planned.parts)
            attention = tuple(sorted({*planned.attention, *([DECISION] if awaited else [])}))
            changes |= {"stage": None, "erasure": erasure, "attention": attention}
            await self._commit(case, dossier, Happening.TAKEN_UP, [], changes)
            await self.advance.of(request.id)
            return
        work = Work.EXPORT if copies else Work.SURVEY
        stage = Work.EXPORT if copies else f"{Work.SURVEY}1"
        tasks = searching_tasks(work, stage, data_map, planned.parts, dossier, now)
        happening = Happening.SURVEY_STARTED if not copies else Happening.PLANNED if tasks else Happening.COLLECTED
        await self._renew(case, tasks)
        export = Export(id=ExportId(str(self.references.export_id(request.id))), started_at=now)
        changes |= {"stage": str(stage) if tasks else None, "erasure": erasure}
        changes |= {"export": export} if copies else {}
        await self._commit(case, dossier, happening, tasks, changes)
        if not tasks and not copies:
            await self.advance.of(request.id)

    async def _renew(self, case: Case, tasks: Sequence[ServiceTask]) -> None:
        """Give tasks of an earlier planning their whole time again: what held the request up was not their doing."""
        for task in tasks:
            known = case.tasks.get(task.key)
            if known is not None and not known.row.state.has_ended:
                renewed = known.row.model_copy(update={"due_at": task.due_at})
                await self.requests.save_task(case.request.row.id, renewed, known.etag)

    async def _commit(
        self, case: Case, dossier: Dossier, happening: Happening, tasks: list[ServiceTask], changes: dict[str, Any]
    ) -> None:
        request = case.request.row
        after, entry = request.happened(happening, self.clock(), **changes)
        plan = PlanRequest(request_id=UUID(request.id))
        opens: list[AnyCommand] = [announced_of(request)] if is_to_announce(case, dossier) else []
        if happening is Happening.COLLECTED:
            opens.append(AssembleExport(request_id=plan.request_id))
        if happening is not Happening.TAKEN_UP and _stopped_at_once(request.parts, after.parts):
            opens.append(SendNotice(request_id=plan.request_id, notice="settled", number=2))  # the rest is told later
        move = Move(etag=case.request.etag, request=after, entry=entry, tasks=tasks, closes=[plan.key], opens=opens)
        await self.mover.commit(move, also_send=[task_command(request.id, task) for task in tasks])

    async def _ask_again(self, case: Case, request: Request, dossier: Dossier, seal: Seal, second: str) -> None:
        """Ask for a second proof from another address of the person's, or leave it to operators."""
        now = self.clock()
        issue = (request.verification.issue if request.verification else 0) + 1
        possible = second != "impossible"
        verification = Verification(issue=issue, expires_at=now + self.code_valid_for, tries_left=self.code_tries)
        asked = dossier.model_copy(update={"second_address": second if possible else None})
        paused = self.answer_clock.paused(request, "identity_doubt", now)
        attention = {*paused.pop("attention", request.attention), *(() if possible else (SECOND_PROOF,))}
        after, entry = request.happened(
            Happening.SECOND_PROOF_ASKED,
            now,
            verification=verification if possible else request.verification,
            second_proof="asked",
            dossier=seal.lock(asked.model_dump_json().encode()),
            attention=tuple(sorted(attention)),
            **paused,
        )
        code = SendCode(request_id=UUID(request.id), issue=issue)
        alert = SendNotice(request_id=UUID(request.id), notice="operator_alert", about=SECOND_PROOF)
        closes = [PlanRequest(request_id=UUID(request.id)).key]
        await self.mover.commit(
            Move(etag=case.request.etag, request=after, entry=entry, opens=[code if possible else alert], closes=closes)
        )

    async def _join(self, case: Case, first: Request) -> None:
        request = case.request.row
        after, entry = request.happened(
            Happening.JOINED,
            self.clock(),
            about=first.id,
            joined_to=first.id,
            first_asked_at=first.received_at,
            reason="joined",
        )
        notice = SendNotice(request_id=UUID(request.id), notice="joined")
        await self.mover.commit(
            Move(etag=case.request.etag, request=after, entry=entry, opens=[notice], closes=list(case.open))
        )

    async def _mark(self, case: Case, code: str, closes: Sequence[str] = ()) -> None:
        request = case.request.row
        if code in request.attention and not closes:
            return
        after, entry = request.happened(Happening.PLANNING_FAILED, self.clock(), attention=marked(request, code))
        await self.mover.commit(Move(etag=case.request.etag, request=after, entry=entry, closes=closes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What planning found out, as it goes on record with the first stage."""

    parts: tuple[Part, ...]
    linked: tuple[RequestId, ...]
    attention: tuple[str, ...]
    dossier: bytes
    map_version: str


def _parts(request: Request, people: Sequence[tuple[str | None, bool]]) -> tuple[Part, ...]:
    """Return a part for every right asked and every person found, in lawful order."""
    return tuple(
        Part(right=right, tenant=tenant, own=own, person=number, role=request.role, state=request.state)
        for right in in_lawful_order(part.right for part in request.parts)
        for number, (tenant, own) in enumerate(people)
    )


def _stopped_at_once(before: Sequence[Part], after: Sequence[Part]) -> bool:
    """Tell whether limits on processing were set that nobody has to decide, beside something that takes longer."""
    ended = sum(is_measure(part) and part.state.is_final for part in after)
    return ended > sum(is_measure(part) and part.state.is_final for part in before)


def _to_decide(request: Request, dossier: Dossier, data_map: DataMap) -> tuple[Part, ...]:
    """Return the parts with those marked that one of our people decides: never what is a customer's to decide."""
    if request.role == "processor":
        return request.parts
    return tuple(
        part.model_copy(update={"decide": part.decide or _takes_people(part, dossier, data_map)})
        for part in request.parts
    )


def _takes_people(part: Part, dossier: Dossier, data_map: DataMap) -> bool:
    if _does(part, "correction"):
        return needs_decision(part, dossier.ask(part.right), data_map)
    return _does(part, "decision")


def _does(part: Part, work: str) -> bool:
    return discovered()[part.right].work == work and not part.state.is_final
