"""Plan a verified request: freeze who it is about, and send every service that may hold something its task."""

import logging
from dataclasses import dataclass

from shared.domain.errors import Permanent, Poison
from shared.domain.references import References
from shared.domain.request import Erasing, Export, ExportId, Part, RequestId
from shared.domain.service_task import Work
from shared.domain.states import Happening, State
from shared.messages.commands import AssembleExport, PlanRequest
from shared.ports.requests import Case, Move, RequestStore
from shared.ports.world import Clock, Maps
from shared.use_cases.advance_erasure import AdvanceErasureUseCase
from shared.use_cases.moving import Mover
from shared.use_cases.opening_stages import searching_tasks, task_command, unanswered
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.resolve_identity import ResolveIdentity

log = logging.getLogger(__name__)

PLANNING_FAILED = "planning_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequestUseCase:
    """Turn one verified request into tasks, in one transaction with the frozen identifiers.

    A copy comes before an erasure: where both are asked, the erasure's first stage begins behind the copy.
    """

    requests: RequestStore
    dossiers: Dossiers
    references: References
    resolve: ResolveIdentity
    advance: AdvanceErasureUseCase
    maps: Maps
    mover: Mover
    clock: Clock

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
        data_map = self.maps.current()
        dossier, seal = await self.dossiers.opened(request)
        try:
            found = await self.resolve(dossier, data_map)
        except Permanent as error:
            await self._mark(case, error)
            return
        rights = list(dict.fromkeys(part.right for part in request.parts))
        parts = tuple(
            Part(right=right, tenant=person.tenant, own=person.own, person=number, state=request.state)
            for right in rights
            for number, person in enumerate(found.people)
        )
        dossier = dossier.model_copy(update={"people": tuple(person.identifiers for person in found.people)})
        now = self.clock()
        copies = "access" in rights
        work = Work.EXPORT if copies else Work.SURVEY
        stage = Work.EXPORT if copies else f"{Work.SURVEY}1"
        tasks = searching_tasks(work, stage, data_map, parts, dossier, now)
        happening = Happening.SURVEY_STARTED if not copies else Happening.PLANNED if tasks else Happening.COLLECTED
        after, entry = request.happened(
            happening,
            now,
            parts=parts,
            attention=found.attention,
            dossier=seal.lock(dossier.model_dump_json().encode()),
            map_version=data_map.version,
            stage=str(stage) if tasks else None,
            export=Export(id=ExportId(str(self.references.export_id(request.id))), started_at=now) if copies else None,
            erasure=Erasing() if "erasure" in rights else None,
        )
        move = Move(
            etag=case.request.etag,
            request=after,
            entry=entry,
            tasks=tasks,
            closes=[command.key],
            opens=[AssembleExport(request_id=command.request_id)] if copies and not tasks else [],
        )
        await self.mover.commit(move, also_send=[task_command(request.id, task) for task in tasks])
        if not tasks and not copies:
            await self.advance.of(request.id)

    async def _mark(self, case: Case, error: Permanent) -> None:
        request = case.request.row
        log.warning("planning failed request_id=%s code=%s", request.id, error.code)
        if PLANNING_FAILED in request.attention:
            return
        attention = tuple(sorted({*request.attention, PLANNING_FAILED}))
        after, entry = request.happened(Happening.PLANNING_FAILED, self.clock(), attention=attention)
        await self.mover.commit(Move(etag=case.request.etag, request=after, entry=entry))
