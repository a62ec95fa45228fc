"""Look again at every request whose time has come: nothing that waits is ever forgotten."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.domain.errors import NotFound
from shared.domain.request import ANSWERED, Happening, Request, State
from shared.domain.service_task import TaskState
from shared.messages.commands import AnyCommand, AssembleExport, SendCode, SendNotice
from shared.ports.blobs import Blobs
from shared.ports.requests import Case, Move, RequestStore, Wait, Waits
from shared.ports.world import Clock
from shared.use_cases.moving import Mover
from shared.use_cases.plan_request import unanswered
from shared.use_cases.resend_code import IDENTITY_NOT_ESTABLISHED
from shared.use_cases.together import together

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepWaits:
    """Take due waits, oldest first, ask each request's state what it needs, and note when to look next.

    An overdue command is issued again, so that even an emptied bus loses nothing. A task past its time limit fails. A
    proof that never came lapses. A package past its end is deleted.
    """

    requests: RequestStore
    waits: Waits
    fragments: Blobs
    packages: Blobs
    mover: Mover
    clock: Clock
    reissue_after: timedelta
    proof_within: timedelta
    batch: int
    run_for: timedelta

    async def __call__(self) -> int:
        """Handle batches until no wait is due or the time for one run is over; return how many were handled.

        A request that cannot be handled now is looked at again later and holds up no other.
        """
        until, handled = self.clock() + self.run_for, 0
        while True:
            due = await self.waits.due(self.clock(), self.batch)
            handled += sum(await together([self._handle(wait) for wait in due]))
            if len(due) < self.batch or self.clock() >= until:
                return handled

    async def _handle(self, wait: Wait) -> bool:
        well = True
        try:
            again = await self._look(await self.requests.load(wait.request_id))
        except NotFound:
            again = None  # An orphan: the request's own write never came.
        except Exception as error:  # noqa: BLE001 - a row that nobody can read may not hold up all the others
            log.warning("wait put off request_id=%s error=%s", wait.request_id, type(error).__name__)
            well, again = False, self.clock() + self.reissue_after
        if again == wait.at:
            return well
        if again is not None:
            await self.waits.add(wait.request_id, again)
        await self.waits.remove(wait)
        return well

    async def _look(self, case: Case) -> datetime | None:
        """Do what one request needs now and return when to look at it next, None for never."""
        request, now = case.request.row, self.clock()
        if request.state is State.IDENTITY_PENDING and self._proof_is_overdue(case, now):
            await self._lapse(case, now)
            return now + self.reissue_after
        if request.state in {State.REFUSED, State.WITHDRAWN}:
            await self._delete_payloads(request)
        if request.state in ANSWERED and request.export is not None:
            return await self._after_answer(case, now)
        if request.state is State.COLLECTING and await self._fail_overdue(case, now):
            return now
        await self._reissue(case, now)
        return self._next_look(case, now)

    def _proof_is_overdue(self, case: Case, now: datetime) -> bool:
        """Tell whether the time for a proof is over, and no code can still be given or is still to be mailed."""
        request = case.request.row
        if now < request.received_at + self.proof_within:
            return False
        verification = request.verification
        if verification is not None and verification.expires_at is not None and verification.expires_at > now:
            return False
        return not any(isinstance(command, SendCode) for command in case.open.values())

    async def _lapse(self, case: Case, now: datetime) -> None:
        request = case.request.row
        issue = request.verification.issue if request.verification else 1
        after, entry = request.happened(Happening.PROOF_LAPSED, now, reason=IDENTITY_NOT_ESTABLISHED)
        notice = SendNotice(request_id=UUID(request.id), notice="identity_not_established", number=issue)
        await self.mover.commit(
            Move(
                etag=case.request.etag,
                request=after,
                entry=entry,
                opens=[notice] if request.tells_its_end else [],
                closes=list(case.open),
            )
        )

    async def _after_answer(self, case: Case, now: datetime) -> datetime | None:
        request, export = case.request.row, case.request.row.export
        if export is None or export.expires_at is None:
            return None
        if export.deleted_at is None and export.expires_at <= now:
            await self._delete_payloads(request)
            gone = export.model_copy(update={"deleted_at": now})
            after, entry = request.happened(Happening.PACKAGE_EXPIRED, now, export=gone)
            await self.mover.commit(Move(etag=case.request.etag, request=after, entry=entry))
            return now + self.reissue_after if case.open else None
        await self._delete(self.fragments, request)
        await self._reissue(case, now)
        if case.open:
            return now + self.reissue_after
        return None if export.deleted_at is not None else export.expires_at

    async def _fail_overdue(self, case: Case, now: datetime) -> bool:
        """Fail tasks past their limit, and move on if they were the last; tell whether anything changed."""
        request = case.request.row
        pending = [task for task in case.tasks.values() if task.row.state is TaskState.PENDING]
        overdue = [task for task in pending if task.row.due_at <= now]
        for task in overdue:
            failed = task.row.model_copy(update={"state": TaskState.FAILED, "reason": "time_limit", "ended_at": now})
            await self.requests.save_task(request.id, failed, task.etag)
        if len(overdue) < len(pending):
            return bool(overdue)
        after, entry = request.happened(Happening.COLLECTED, now)
        opens = [AssembleExport(request_id=UUID(request.id))]
        await self.mover.commit(Move(etag=case.request.etag, request=after, entry=entry, opens=opens))
        return True

    async def _reissue(self, case: Case, now: datetime) -> None:
        number = int(now.timestamp() // self.reissue_after.total_seconds())
        again: Sequence[AnyCommand] = [one.model_copy(update={"reissue": number}) for one in unanswered(case)]
        await self.mover.send(again)

    def _next_look(self, case: Case, now: datetime) -> datetime | None:
        request = case.request.row
        if request.state is State.IDENTITY_PENDING and not case.open:
            return max(request.received_at + self.proof_within, now + self.reissue_after)
        if request.state.is_final and not case.open:
            return None
        return now + self.reissue_after

    async def _delete_payloads(self, request: Request) -> None:
        await self._delete(self.fragments, request)
        await self._delete(self.packages, request)

    @staticmethod
    async def _delete(blobs: Blobs, request: Request) -> None:
        names = await blobs.names(request.id)
        if names:
            await blobs.delete(names)
