"""The stage in which a person looks through a copy: how it begins, and how it ends in time for the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.domain.data_map import DataMap
from shared.domain.dossier import Dossier
from shared.domain.request import Request, RequestId
from shared.domain.review import RELEASE, Review, Sheet
from shared.domain.service_task import ServiceTask, Work
from shared.domain.states import Happening, State
from shared.messages.commands import AnyCommand, AssembleExport
from shared.ports.requests import Case, Deadlines, Move, Versioned, Waits
from shared.ports.world import Clock, Maps
from shared.use_cases.erasure_moves import marked, unmarked
from shared.use_cases.moving import Mover
from shared.use_cases.opening_stages import searches, task_command
from shared.use_cases.portable import copied_by
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.together import together

REVIEW_PENDING = "review_pending"
_LANE = "stores"  # what is let through lies with us, whoever's lane it came over


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewingCopies:
    """Holds a copy until a person has looked, or until the answer is due soon: what nobody looked at stays behind.

    An erasure in the same request waits behind the copy, and is given `erasure_reserve` of its own.
    """

    dossiers: Dossiers
    maps: Maps
    reviews: Deadlines
    waits: Waits
    mover: Mover
    clock: Clock
    reserve: timedelta
    erasure_reserve: timedelta

    async def begin(self, case: Case, answering: AssembleExport) -> bool:
        """Begin the review of a copy that is collected, where there is something to look through.

        Tells whether the assembly has to wait; `answering` is the command for it, which the end of the review opens
        again. A review that was broken off goes on with what was decided.

        Raises:
            StaleState: the request moved meanwhile.
        """
        request, before = case.request.row, case.request.row.review
        if before is not None and before.closed_at is not None:
            return False
        sheets = _sheets(case, () if before is None else before.sheets)
        if not sheets:
            return False
        now = self.clock()
        review = Review(
            sheets=sheets, started_at=now if before is None else before.started_at, listed_at=request.due_at
        )
        after, entry = request.happened(
            Happening.REVIEW_STARTED, now, review=review, attention=marked(request, REVIEW_PENDING)
        )
        await together([self.reviews.add(request.id, review.listed_at), self.waits.add(request.id, self.until(after))])
        await self.mover.commit(Move(etag=case.request.etag, request=after, entry=entry, closes=[answering.key]))
        return True

    def until(self, request: Request) -> datetime:
        """Return when a request's review ends, done or not."""
        if request.review is None:
            return self.clock()
        erases = request.asks("erasure")
        return request.review.until(request.due_at, self.reserve + (self.erasure_reserve if erases else timedelta(0)))

    async def look(self, case: Case, now: datetime) -> datetime:
        """End a review that is done or out of time; return when to look again."""
        until = self.until(case.request.row)
        if not self._is_over(case.request.row, now):
            return until
        await self.end(case.request.row.id)
        return now

    async def end(self, request_id: RequestId) -> None:
        """Go on to the assembly if the review is over; harmless to ask at any time."""

        async def decide(read: Versioned[Request]) -> None:
            if self._is_over(read.row, self.clock()):
                await self._end(read)

        await self.mover.on_newest(request_id, decide)

    def _is_over(self, request: Request, now: datetime) -> bool:
        if request.state is not State.REVIEWING or request.review is None:
            return False
        return not request.review.unreviewed or now >= self.until(request)

    async def _end(self, read: Versioned[Request]) -> None:
        request, review, now = read.row, read.row.review, self.clock()
        if review is None:
            return
        tasks: list[ServiceTask] = []
        if any(sheet.gives for sheet in review.sheets):
            tasks = releasing_tasks(request, review, self.maps.current(), await self.dossiers.of(request), now)
        after, entry = request.happened(
            Happening.REVIEWED,
            now,
            about=f"unreviewed:{review.unreviewed}",
            review=review.model_copy(update={"closed_at": now}),
            stage=RELEASE if tasks else None,
            attention=unmarked(request, REVIEW_PENDING),
        )
        opens: list[AnyCommand] = [] if tasks else [assembly_after_review(request.id)]
        # Off the list first: after a crash the review is still over, and nobody has to look any more.
        await self.reviews.remove(request.id, review.listed_at)
        await self.mover.commit(
            Move(etag=read.etag, request=after, entry=entry, tasks=tasks, opens=opens),
            also_send=[task_command(request.id, task) for task in tasks],
        )


def assembly_after_review(request_id: RequestId) -> AssembleExport:
    """Return the command that the review had answered, anew: the bus would swallow the same message again."""
    return AssembleExport(request_id=UUID(request_id), reissue=1)


def releasing_tasks(
    request: Request, review: Review, data_map: DataMap, dossier: Dossier, now: datetime
) -> list[ServiceTask]:
    """Return a task for every part and service whose reviewed items go into the package."""
    wanted = {(sheet.part, sheet.service) for sheet in review.sheets if sheet.gives}
    for sheet in review.sheets:
        service = data_map.service(sheet.service)
        if service is None or not sheet.gives:
            continue
        for number, part in enumerate(request.parts):
            shares = part.person == request.parts[sheet.part].person
            if shares and any(
                dataset.id == sheet.dataset and copied_by(request, part, dossier, dataset)
                for dataset, _ in searches(data_map, service, part, dossier)
            ):
                wanted.add((number, sheet.service))
    limits = {service.id: service.time_limit for service in data_map.services}
    return [
        ServiceTask(
            stage=RELEASE,
            part=part,
            service=service_id,
            work=Work.EXPORT,
            lane=_LANE,
            due_at=now + limits.get(service_id, timedelta(hours=1)),
        )
        for part, service_id in sorted(wanted)
    ]


def _sheets(case: Case, before: Sequence[Sheet]) -> tuple[Sheet, ...]:
    """Return what is held back, by task and dataset in the order it was found, as far as it was decided."""
    known = {sheet.name: sheet for sheet in before}
    return tuple(
        known.get(held.name)
        or Sheet(
            part=task.part,
            service=task.service,
            dataset=held.dataset,
            name=held.name,
            items=held.items,
            size=held.size,
        )
        for task in case.of(Work.EXPORT)
        for held in sorted(task.held, key=lambda one: one.dataset)
    )
