"""Hand a service that listens to its own lane what one of its tasks needs, and no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.domain.data_map import Dataset
from shared.domain.erasure import Action, drift, most_allowed
from shared.domain.errors import TooMany
from shared.domain.identity import Identifier
from shared.domain.request import Request
from shared.domain.service_task import ServiceTask, Work
from shared.domain.states import Happening
from shared.ports.blobs import Blobs
from shared.ports.erasing import Holds
from shared.ports.requests import Move, Versioned
from shared.ports.world import Clock, Limits, Maps
from shared.use_cases.caller import Caller
from shared.use_cases.lane_tasks import LaneTask, LaneTasks, must_be_running
from shared.use_cases.moving import Mover
from shared.use_cases.opening_stages import granted_values, searches
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.reading_uploads import upload_name


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDataset:
    """One dataset to work on, with the identifiers it declares. For an erasure: what to do, to at most how many.

    For a correction: the fields that change, by name, with what they should say.
    """

    id: str
    identifiers: Sequence[Identifier]
    action: Action | None = None
    at_most: int | None = None
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLink:
    """A URL that writes the one blob for a task's records."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A task as its service gets to know it. Without `may_proceed` nothing is to be done, now or later."""

    task_id: str
    work: Work
    may_proceed: bool
    answer_by: datetime
    received_at: datetime
    datasets: Sequence[ClaimedDataset] = ()
    upload: UploadLink | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTask:
    """Answer a claim. A task may be claimed again until it ends; each time is a line of its request's history."""

    tasks: LaneTasks
    uploads: Blobs
    dossiers: Dossiers
    maps: Maps
    holds: Holds
    limits: Limits
    mover: Mover
    clock: Clock
    upload_valid_for: timedelta
    claims_per_task: int
    window: timedelta
    drift_factor: int
    drift_extra: int

    async def __call__(self, caller: Caller, task_id: str) -> Claim:
        """Say what is to be done, with whose identifiers, and whether it may be done at this moment.

        Raises:
            NotSignedIn, NotAllowed: the caller is no service of ours.
            NotFound: there is no such task, or it is another service's.
            Gone: `task_ended`.
            TooMany: it is claimed over and over.
            StaleState: the request moves faster than it can be read.
        """
        found = await self.tasks.read(caller, task_id)
        request, task = found.request.row, found.task.row
        must_be_running(request, task)
        wait = self.limits.admit("claims", task_id, self.claims_per_task, self.window)
        if wait is not None:
            raise TooMany(max(1, round(wait.total_seconds())))
        if await self._halted(request, task):
            return _claim(task_id, request, task, may_proceed=False)
        datasets = await self._datasets(found)
        await self.mover.from_read(found.request, lambda newest: self._record(newest, task, found.client))
        upload = await self._upload(request, task) if task.work is Work.EXPORT else None
        return _claim(task_id, request, task, may_proceed=True, datasets=datasets, upload=upload)

    async def _halted(self, request: Request, task: ServiceTask) -> bool:
        """Ask whether the work may be done at this moment: an erasure whose plan no longer fits stops for a person."""
        if task.work not in {Work.ERASE, Work.RECTIFY}:
            return False
        service = self.maps.current().service(task.service)
        held = await self.holds.held(request.id, task.part)
        if task.work is Work.RECTIFY and service is not None:
            return not held.isdisjoint(dataset.id for dataset in service.datasets)
        for one in task.decisions:
            code = drift(service, one, held=one.dataset in held)
            if code is not None:
                await self.tasks.halt(request.id, code, one.dataset)
                return True
        return False

    async def _datasets(self, found: LaneTask) -> list[ClaimedDataset]:
        request, task = found.request.row, found.task.row
        dossier = await self.dossiers.of(request)
        searched = searches(self.maps.current(), found.service, request.parts[task.part], dossier)
        identifiers = {dataset.id: _bounded(dataset, ones) for dataset, ones in searched}
        if task.work is Work.ERASE:
            return [
                ClaimedDataset(
                    id=one.dataset,
                    identifiers=identifiers.get(one.dataset, ()),
                    action=one.action,
                    at_most=self._at_most(one.count),
                )
                for one in task.decisions
                if one.action is not Action.RETAIN
            ]
        if task.work is Work.RECTIFY:
            values = granted_values(request, task.part, dossier, self.maps.current())
            return [
                ClaimedDataset(id=name, identifiers=ones, values=values[name])
                for name, ones in identifiers.items()
                if name in values
            ]
        asked = task.found if task.work is Work.SURVEY else identifiers
        return [ClaimedDataset(id=name, identifiers=ones) for name, ones in identifiers.items() if name in asked]

    def _at_most(self, shown: int | None) -> int | None:
        return None if shown is None else most_allowed(shown, self.drift_factor, self.drift_extra)

    async def _record(self, newest: Versioned[Request], task: ServiceTask, client: str) -> None:
        must_be_running(newest.row, task)
        after, entry = newest.row.happened(Happening.TASK_CLAIMED, self.clock(), actor=client, about=task.key)
        await self.mover.commit(Move(etag=newest.etag, request=after, entry=entry))

    async def _upload(self, request: Request, task: ServiceTask) -> UploadLink:
        expires_at = self.clock() + self.upload_valid_for
        url = await self.uploads.upload_link(upload_name(request.id, task), self.upload_valid_for)
        return UploadLink(url=url, expires_at=expires_at)


def _bounded(dataset: Dataset, identifiers: Sequence[Identifier]) -> list[Identifier]:
    """Name the tenant inside which to look, where the dataset has tenants."""
    if dataset.tenancy == "tenant":
        return list(identifiers)
    return [one.model_copy(update={"tenant": None}) for one in identifiers]


def _claim(
    task_id: str,
    request: Request,
    task: ServiceTask,
    *,
    may_proceed: bool,
    datasets: Sequence[ClaimedDataset] = (),
    upload: UploadLink | None = None,
) -> Claim:
    return Claim(
        task_id=task_id,
        work=task.work,
        may_proceed=may_proceed,
        answer_by=task.due_at,
        received_at=request.received_at,
        datasets=datasets,
        upload=upload,
    )
