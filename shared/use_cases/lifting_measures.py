"""End limits on processing: by the person who set them at once, by us only after they were told (GDPR Art. 18(3))."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from shared.domain.dossier import Dossier
from shared.domain.errors import Conflict, Gone
from shared.domain.measure import Measure
from shared.domain.request import Lifting, Request, RequestId
from shared.domain.states import Happening, State
from shared.messages.commands import SendNotice
from shared.ports.requests import Case, Move, Versioned, Waits
from shared.ports.world import Clock, Maps
from shared.use_cases.applying_measures import may_be_ended
from shared.use_cases.caller import Caller, require_operator
from shared.use_cases.changing_measures import ChangingMeasures, is_measure
from shared.use_cases.moving import Mover
from shared.use_cases.owning import Owning
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.uninvolved import Uninvolved

NOTHING = "nothing_to_lift"
LIFTING: Literal["lifting"] = "lifting"
_UNDONE = frozenset({State.WITHDRAWN, State.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftingMeasures:
    """What ends by a decision is announced first, and ends once its person was told and the time for it has passed.

    What was withdrawn from by its person, and what a refusal left unsettled, ends with its request.
    """

    dossiers: Dossiers
    maps: Maps
    changing: ChangingMeasures
    uninvolved: Uninvolved
    owning: Owning
    waits: Waits
    mover: Mover
    clock: Clock
    home_tenant: str
    lifting_after: timedelta
    fresh_proof_for: timedelta

    async def announce(self, caller: Caller, request_id: RequestId, text: str) -> Request:
        """Tell a person that the limits of their request end, when, and why. Again, nothing more happens.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator, or the subject.
            NotFound: there is no such request.
            Conflict: it is not answered, or no limit of it is in force that may be ended.
            Gone: it leads to nobody any more.
        """
        operator = require_operator(caller, self.home_tenant)

        async def decide(read: Versioned[Request]) -> Request:
            request, now = read.row, self.clock()
            dossier, seal = await self.dossiers.opened(request)
            await self.uninvolved.must_be(operator, request, dossier)
            if request.lifting is not None and request.lifting.done_at is None:
                return request
            at = now + self.lifting_after
            lifting = Lifting(at=at, by=operator.object_id, text=seal.lock(text.encode()))
            after, entry = request.happened(Happening.LIFTING_ANNOUNCED, now, actor=operator.object_id, lifting=lifting)
            if not any(may_be_ended(one) for one in await self._standing(request, dossier)):
                raise Conflict(NOTHING)
            await self.waits.add(request.id, at)
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, opens=[lifting_notice(after)]))
            return after

        return await self.mover.on_newest(request_id, decide)

    async def lift_own(self, caller: Caller, request_id: RequestId) -> Request:
        """End one's own restriction or objection, at once. A consent that was withdrawn is given where it is asked.

        Raises:
            NotSignedIn, NotFound: as for looking at the request.
            ProofNeeded: a sign-in or a fresh code is asked.
            Conflict: it is not answered yet, or no limit of it is in force.
            Gone: it leads to nobody any more.
            Transient: a store or the bus could not be reached.
        """

        async def decide(read: Versioned[Request]) -> None:
            request, now = read.row, self.clock()
            self.owning.must_own(caller, request)
            self.owning.must_be_fresh(caller, self.fresh_proof_for.total_seconds())
            if _is_own(request.lifting):
                return
            after, entry = request.happened(Happening.LIFTING_ANNOUNCED, now, lifting=Lifting(at=now, by="", text=b""))
            dossier = await self.dossiers.of(request)
            if not any(_is_own_to_end(one) for one in await self._standing(request, dossier)):
                raise Conflict(NOTHING)
            await self.waits.add(request.id, now)
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry))

        await self.owning.case(caller, request_id)
        await self.mover.on_newest(request_id, decide)
        return await self.mover.on_newest(request_id, self._carried_out)

    async def look(self, case: Case, now: datetime) -> datetime | None:
        """End what was announced once its time has come and its person was told; return when to look again.

        Where no word of it could reach them, it does not end: an operator sees that a mail was refused.

        Raises:
            Transient, StaleState: later again.
        """
        request = case.request.row
        lifting = request.lifting
        if lifting is None or lifting.done_at is not None:
            return None
        if now < lifting.at:
            return lifting.at
        if not _is_own(lifting) and not any(one.notice == LIFTING for one in request.told):
            return None
        try:
            await self._carried_out(case.request)
        except Gone:
            return None
        return now

    async def came_to_nothing(self, request: Request) -> None:
        """End what was set for parts that were withdrawn, or refused before anybody settled them.

        Raises:
            Transient: a store or the bus could not be reached.
        """
        ending = [number for number in _measuring(request) if request.parts[number].state in _UNDONE]
        if not ending or request.ended_at is None:
            return
        try:
            dossier = await self.dossiers.of(request)
        except Gone:
            return
        for number in ending:
            part = request.parts[number]
            at = request.ended_at + (self.lifting_after if part.state is State.REFUSED else timedelta(0))
            if part.person < len(dossier.people):
                await self.changing.end(request, number, dossier, self.maps.current(), at, may_be_ended)

    async def _carried_out(self, read: Versioned[Request]) -> Request:
        """End what an end was announced of, and put that on record once services were told."""
        request, lifting = read.row, read.row.lifting
        if lifting is None or lifting.done_at is not None:
            return request
        dossier = await self.dossiers.of(request)
        may_end = _is_own_to_end if _is_own(lifting) else may_be_ended
        for number in _measuring(request):
            await self.changing.end(request, number, dossier, self.maps.current(), lifting.at, may_end)
        done = lifting.model_copy(update={"done_at": self.clock()})
        after, entry = request.happened(Happening.LIFTED, self.clock(), actor=lifting.by, lifting=done)
        await self.mover.commit(Move(etag=read.etag, request=after, entry=entry))
        return after

    async def _standing(self, request: Request, dossier: Dossier) -> list[Measure]:
        data_map = self.maps.current()
        found = [await self.changing.standing(request, number, dossier, data_map) for number in _measuring(request)]
        return [one for some in found for one in some]


def lifting_notice(request: Request) -> SendNotice:
    """Return the notice that limits of a request end."""
    return SendNotice(request_id=UUID(request.id), notice=LIFTING)


def _is_own(lifting: Lifting | None) -> bool:
    """Tell whether a person is just ending their own limits."""
    return lifting is not None and lifting.done_at is None and not lifting.by


def _measuring(request: Request) -> list[int]:
    return [number for number, part in enumerate(request.parts) if is_measure(part)]


def _is_own_to_end(measure: Measure) -> bool:
    return measure.kind != "withdrawal" and measure.lifted_at is None
