"""Plan a verified request: freeze who it is about, and send every service that may hold something its task."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.domain.data_map import DataMap
from shared.domain.dossier import searchable
from shared.domain.errors import Permanent, Poison
from shared.domain.references import References
from shared.domain.request import Export, ExportId, Happening, Part, Request, RequestId, State
from shared.domain.service_task import ServiceTask, TaskState
from shared.messages.commands import AnyCommand, AssembleExport, PlanRequest, RunServiceTask
from shared.ports.requests import Case, Move, RequestStore
from shared.ports.world import Clock, Maps
from shared.use_cases.moving import Mover
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.resolve_identity import Person, ResolveIdentity

log = logging.getLogger(__name__)

PLANNING_FAILED = "planning_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequestUseCase:
    """Turn one verified request into tasks, in one transaction with the frozen identifiers."""

    requests: RequestStore
    dossiers: Dossiers
    references: References
    resolve: ResolveIdentity
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
            await self.mover.send(unanswered(case))
            return
        data_map = self.maps.current()
        dossier, seal = await self.dossiers.opened(request)
        try:
            found = await self.resolve(dossier, data_map)
        except Permanent as error:
            await self._mark(case, error)
            return
        right = request.parts[0].right
        parts = tuple(
            Part(right=right, tenant=person.tenant, own=person.own, state=request.state) for person in found.people
        )
        tasks = self._tasks(data_map, found.people)
        frozen = dossier.model_copy(update={"people": tuple(person.identifiers for person in found.people)})
        now = self.clock()
        after, entry = request.happened(
            Happening.PLANNED if tasks else Happening.COLLECTED,
            now,
            parts=parts,
            attention=found.attention,
            dossier=seal.lock(frozen.model_dump_json().encode()),
            map_version=data_map.version,
            export=Export(id=ExportId(str(self.references.export_id(request.id))), started_at=now),
        )
        move = Move(
            etag=case.request.etag,
            request=after,
            entry=entry,
            tasks=tasks,
            closes=[command.key],
            opens=[] if tasks else [AssembleExport(request_id=command.request_id)],
        )
        await self.mover.commit(move, also_send=[task_command(request, task) for task in tasks])

    async def _mark(self, case: Case, error: Permanent) -> None:
        request = case.request.row
        log.warning("planning failed request_id=%s code=%s", request.id, error.code)
        if PLANNING_FAILED in request.attention:
            return
        attention = tuple(sorted({*request.attention, PLANNING_FAILED}))
        after, entry = request.happened(Happening.PLANNING_FAILED, self.clock(), attention=attention)
        await self.mover.commit(Move(etag=case.request.etag, request=after, entry=entry))

    def _tasks(self, data_map: DataMap, people: Sequence[Person]) -> list[ServiceTask]:
        own_sources = data_map.own_sources()
        now = self.clock()
        return [
            ServiceTask(
                key=f"{part}.{service.id}",
                part=part,
                service=service.id,
                lane=service.lane,
                due_at=now + service.time_limit,
            )
            for part, person in enumerate(people)
            for service in data_map.services
            if any(
                searchable(dataset, person.identifiers, own=person.own, own_sources=own_sources)
                for dataset in service.datasets
            )
        ]


def task_command(request: Request, task: ServiceTask) -> RunServiceTask:
    """Return the command that a pending task waits for."""
    return RunServiceTask(request_id=UUID(request.id), task=task.key, lane=task.lane, chunk=task.chunk)


def unanswered(case: Case) -> list[AnyCommand]:
    """Return every command a request waits for: its open ones and its pending tasks'."""
    request = case.request.row
    pending = [task.row for task in case.tasks.values() if task.row.state is TaskState.PENDING]
    working = request.state is State.COLLECTING
    return [*case.open.values(), *(task_command(request, task) for task in pending if working)]
