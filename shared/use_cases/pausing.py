"""The clock of a request: when its answer is due by all that is known, and what makes that clock stand still."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from shared.domain.deadline import due_at, paused_for, was_prompt
from shared.domain.request import Pause, Request
from shared.ports.requests import Deadlines
from shared.use_cases.erasure_moves import marked

ASKED_LATE = "asked_late"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerClock:
    """Reckons deadlines, and keeps the index by due day in step with them.

    `promised_within` is the policy's period; a question is prompt within `prompt_within` working days of receipt.
    """

    deadlines: Deadlines
    promised_within: timedelta
    prompt_within: int

    def due(self, request: Request) -> datetime:
        """Return when the answer is due."""
        return self._due(request, extended=request.extension is not None, rolled=True)

    def alarm(self, request: Request) -> datetime:
        """Return the moment that alarms go by: as if no day were a holiday or a weekend."""
        return self._due(request, extended=request.extension is not None, rolled=False)

    def first_month_ends(self, request: Request) -> datetime:
        """Return until when a refusal, or an extension with its notice, is in time (GDPR Art. 12(3), 12(4))."""
        return self._due(request, extended=False, rolled=False)

    def paused(
        self, request: Request, reason: Literal["identity_doubt", "clarification"], now: datetime
    ) -> dict[str, Any]:
        """Return what changes in a request whose person is asked something: fields for `happened`.

        The clock stands still for a doubt about identity, or for the scope of a request for access (Recital 63), and
        only where that was asked promptly (EDPB 01/2022, 5.3). A question that came late is marked and stops nothing.
        """
        if not was_prompt(request.received_at, now, self.prompt_within):
            return {"attention": marked(request, ASKED_LATE)}
        if reason == "clarification" and not request.asks("access"):
            return {}
        if any(one.reason == reason and one.answered_at is None for one in request.pauses):
            return {}
        return {"pauses": (*request.pauses, Pause(reason=reason, asked_at=now))}

    def resumed(
        self, request: Request, reason: Literal["identity_doubt", "clarification"], now: datetime
    ) -> dict[str, Any]:
        """Return what changes in a request whose person answered: its clock runs on, and its answer is due later."""
        if not any(one.reason == reason and one.answered_at is None for one in request.pauses):
            return {}
        pauses = tuple(
            one.model_copy(update={"answered_at": now}) if one.reason == reason and one.answered_at is None else one
            for one in request.pauses
        )
        return {"pauses": pauses, "due_at": self.due(request.model_copy(update={"pauses": pauses}))}

    async def list_anew(self, before: Request, changes: dict[str, Any]) -> None:
        """Index a request under the day it will be due, before that is written: two entries are no harm."""
        if changes.get("due_at", before.due_at) != before.due_at:
            await self.deadlines.add(before.id, changes["due_at"])

    async def unlist(self, before: Request, after: Request) -> None:
        """Take a request from the day it was due on, after another one was written."""
        if after.due_at != before.due_at:
            await self.deadlines.remove(before.id, before.due_at)

    def _due(self, request: Request, *, extended: bool, rolled: bool) -> datetime:
        return due_at(
            request.received_at,
            self.promised_within,
            extended=extended,
            paused=paused_for((one.asked_at, one.answered_at) for one in request.pauses),
            foreign_days=request.foreign_days,
            rolled=rolled,
        )


def stands_still(request: Request) -> bool:
    """Tell whether the clock waits for the person."""
    return any(one.answered_at is None for one in request.pauses)
