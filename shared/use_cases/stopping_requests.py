"""Stop a request on the word of somebody it was announced to: "this was not me"."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.domain.errors import Conflict, NotFound, StaleState, TooMany
from shared.domain.references import References
from shared.domain.request import Export, Request, RequestId
from shared.domain.states import ANSWERED, Happening, State
from shared.messages.commands import SendNotice
from shared.ports.requests import Case, Move, RequestStore, Waits
from shared.ports.world import Clock, Limits
from shared.use_cases.announcing import announced_of
from shared.use_cases.caller import Caller
from shared.use_cases.erasure_moves import marked
from shared.use_cases.moving import RETRIES, Mover
from shared.use_cases.pausing import AnswerClock

STOPPED, TOO_LATE = "stopped", "stopped_too_late"
ERASURE_HAS_BEGUN = "erasure_has_begun"
_ALERTS = {STOPPED: STOPPED, TOO_LATE: ERASURE_HAS_BEGUN}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingRequests:
    """Puts a request on hold until two operators, or its person, say what becomes of it.

    What runs finds the state and stops; links to what was handed over are void. What was split off a request is stopped
    with it. An erasure that has begun cannot be undone: operators hear of it, and the answer says so.
    """

    requests: RequestStore
    waits: Waits
    references: References
    answer_clock: AnswerClock
    limits: Limits
    mover: Mover
    clock: Clock
    wrong_per_network: int
    window: timedelta
    reissue_after: timedelta

    async def __call__(self, caller: Caller, request_id: RequestId, secret: str) -> Request:
        """Return the stopped request. Again is no error, and neither is one that has come to nothing already.

        Raises:
            NotFound: the secret is not of this request, or there is none; nothing is looked up for a wrong one.
            TooMany: the network sends many wrong secrets.
            Conflict: `erasure_has_begun`, or nobody has proved to be its person yet.
        """
        if not self.references.is_stop_secret(request_id, secret):
            wait = await self.limits.take("stop-network", caller.network, self.wrong_per_network, self.window)
            if wait is not None:
                raise TooMany(max(1, round(wait.total_seconds())))
            raise NotFound
        asked = (await self.requests.read(request_id)).row
        first = (await self.requests.read(asked.origin)).row if asked.origin is not None else asked
        stopped = [await self._stop(one) for one in dict.fromkeys([request_id, first.id, *first.linked])]
        if any(TOO_LATE in one.attention for one in stopped):
            raise Conflict(ERASURE_HAS_BEGUN)
        return stopped[0]

    async def _stop(self, request_id: RequestId) -> Request:
        await self.waits.add(request_id, self.clock() + self.reissue_after)
        for _ in range(RETRIES - 1):
            try:
                return await self._decide(await self.requests.load(request_id))
            except StaleState:
                continue
        return await self._decide(await self.requests.load(request_id))

    async def _decide(self, case: Case) -> Request:
        request = case.request.row
        if {STOPPED, TOO_LATE}.intersection(request.attention) or request.traces_gone_at is not None:
            return request
        if request.state in ANSWERED or _has_begun(request):
            return await self._take_back(case)
        if request.state.is_final:
            return request
        if request.state is State.IDENTITY_PENDING and request.second_proof is None:
            raise Conflict("not_proven_yet")
        kept = announced_of(request).key
        return await self._commit(
            case, Happening.DOUBT_RAISED, STOPPED, closes=[key for key in case.open if key != kept]
        )

    async def _take_back(self, case: Case) -> Request:
        """Void the links to what was handed over; what was erased is gone."""
        request = case.request.row
        happening = Happening.DOUBT_RAISED if request.state in ANSWERED else Happening.ESCALATED
        return await self._commit(case, happening, TOO_LATE if _has_begun(request) else STOPPED, closes=[])

    async def _commit(self, case: Case, happening: Happening, code: str, closes: list[str]) -> Request:
        request, now = case.request.row, self.clock()
        doubted = happening is Happening.DOUBT_RAISED and request.state not in ANSWERED
        paused = self.answer_clock.paused(request, "identity_doubt", now) if doubted else {}
        after, entry = request.happened(
            happening,
            now,
            about=code,
            export=_void(request.export, self.clock),
            certificate=_void(request.certificate, self.clock),
            attention=marked(request, code),
            stage=None if doubted else request.stage,
            pauses=paused.get("pauses", request.pauses),
        )
        alert = SendNotice(request_id=UUID(request.id), notice="operator_alert", about=_ALERTS[code])
        await self.mover.commit(Move(etag=case.request.etag, request=after, entry=entry, opens=[alert], closes=closes))
        return after


def _has_begun(request: Request) -> bool:
    return request.erasure is not None and request.erasure.started_at is not None


def _void(export: Export | None, clock: Clock) -> Export | None:
    if export is None or export.size is None or export.revoked_at is not None or export.deleted_at is not None:
        return export
    return export.model_copy(update={"revoked_at": clock()})
