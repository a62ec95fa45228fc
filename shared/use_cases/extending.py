"""Take up to two months longer, once: with a reason, and told inside the first month (GDPR Art. 12(3))."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from shared.domain.errors import Conflict
from shared.domain.request import Extension, Request, RequestId
from shared.domain.states import Happening, State
from shared.messages.commands import SendNotice
from shared.ports.requests import Move, RequestStore, Versioned
from shared.ports.world import Clock
from shared.use_cases.caller import Caller, require_operator
from shared.use_cases.erasure_moves import unmarked
from shared.use_cases.moving import Mover
from shared.use_cases.pausing import AnswerClock
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.uninvolved import Uninvolved

AT_RISK = "at_risk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extending:
    """Moves the day an answer is due. Whether the notice went out in time, the clocks' watch sees to."""

    requests: RequestStore
    dossiers: Dossiers
    uninvolved: Uninvolved
    answer_clock: AnswerClock
    mover: Mover
    clock: Clock
    home_tenant: str

    async def __call__(
        self, caller: Caller, request_id: RequestId, reason: Literal["complexity", "high_volume"]
    ) -> Request:
        """Return the request with its new due day; the same again is no error.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator, or the subject.
            NotFound: there is no such request.
            Conflict: `first_month_over`, `extended_already`, `controllers_case`, `foreign_period_holds`, or its state
                does not allow it.
        """
        operator = require_operator(caller, self.home_tenant)

        async def decide(read: Versioned[Request]) -> Request:
            request, now = read.row, self.clock()
            if request.extension is not None:
                if request.extension.reason == reason:
                    return request
                raise Conflict("extended_already")
            if request.role == "processor":
                raise Conflict("controllers_case")
            if request.state is State.IDENTITY_PENDING:
                raise Conflict("not_while_identity_pending")
            if now > self.answer_clock.first_month_ends(request):
                raise Conflict("first_month_over")
            await self.uninvolved.must_be(operator, request, await self.dossiers.of(request))
            until = self.answer_clock.due(
                request.model_copy(
                    update={"extension": Extension(reason=reason, at=now, by=operator.object_id, until=request.due_at)}
                )
            )
            if until <= request.due_at:
                raise Conflict("foreign_period_holds")
            changes: dict[str, Any] = {
                "extension": Extension(reason=reason, at=now, by=operator.object_id, until=until),
                "due_at": until,
                "attention": unmarked(request, AT_RISK),
            }
            after, entry = request.happened(Happening.EXTENDED, now, actor=operator.object_id, about=reason, **changes)
            await self.answer_clock.list_anew(request, changes)
            notice = SendNotice(request_id=UUID(request.id), notice="extended")
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, opens=[notice]))
            await self.answer_clock.unlist(request, after)
            return after

        return await self.mover.on_newest(request_id, decide)
