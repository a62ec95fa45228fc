"""Ask a person what exactly they mean, and go on with what they answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from shared.domain.ask import Ask
from shared.domain.dossier import Dossier, Question
from shared.domain.errors import Conflict, InvalidInput
from shared.domain.request import Request, RequestId
from shared.domain.states import Happening, State
from shared.messages.commands import PlanRequest, SendNotice
from shared.ports.requests import Move, RequestStore, Versioned, Waits
from shared.ports.world import Clock
from shared.use_cases.caller import Caller, require_decider
from shared.use_cases.erasure_moves import planning_of
from shared.use_cases.joining_duplicates import JoiningDuplicates
from shared.use_cases.moving import Mover
from shared.use_cases.owning import Owning
from shared.use_cases.pausing import AnswerClock
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.uninvolved import Uninvolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarifying:
    """Question and answer lie sealed with who the request is about. An answer has the request planned again."""

    requests: RequestStore
    waits: Waits
    owning: Owning
    dossiers: Dossiers
    uninvolved: Uninvolved
    duplicates: JoiningDuplicates
    answer_clock: AnswerClock
    mover: Mover
    clock: Clock
    home_tenant: str

    async def ask(self, caller: Caller, request_id: RequestId, question: str) -> Request:
        """Put a question to the person; what ran for the request stops until they answer.

        Raises:
            NotSignedIn, NotAllowed: the caller is neither operator nor reviewer, or the subject.
            NotFound: there is no such request.
            Conflict: `controllers_case`, or its state does not allow it.
        """
        decider = require_decider(caller, self.home_tenant)

        async def decide(read: Versioned[Request]) -> Request:
            request, now = read.row, self.clock()
            dossier, seal = await self.dossiers.opened(request)
            await self.uninvolved.must_be(decider, request, dossier)
            if request.role == "processor":
                raise Conflict("controllers_case")
            asked = dossier.model_copy(
                update={"questions": (*dossier.questions, Question(text=question, asked_at=now))}
            )
            after, entry = request.happened(
                Happening.CLARIFICATION_ASKED,
                now,
                actor=decider.object_id,
                dossier=seal.lock(asked.model_dump_json().encode()),
                stage=None,
                **self.answer_clock.paused(request, "clarification", now),
            )
            notice = SendNotice(request_id=UUID(request.id), notice="clarification_asked", number=len(asked.questions))
            closes = [PlanRequest(request_id=UUID(request.id)).key]
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, opens=[notice], closes=closes))
            return after

        return await self.mover.on_newest(request_id, decide)

    async def question(self, caller: Caller, request_id: RequestId) -> Question:
        """Return what the person was asked last.

        Raises:
            NotSignedIn, NotFound: as for looking at it.
            Conflict: `nothing_asked`.
        """
        case = await self.owning.case(caller, request_id)
        questions = (await self.dossiers.of(case.request.row)).questions
        if not questions:
            raise Conflict("nothing_asked")
        return questions[-1]

    async def answer(
        self, caller: Caller, request_id: RequestId, text: str, details: Mapping[str, Ask] | None = None
    ) -> Request:
        """Take the person's answer, and what exactly they ask by now.

        Raises:
            NotSignedIn, NotFound: as for looking at it.
            InvalidInput: `details` names a right that was not asked.
            Conflict: nothing was asked.
        """
        await self.owning.case(caller, request_id)

        async def decide(read: Versioned[Request]) -> Request:
            request, now = read.row, self.clock()
            self.owning.must_own(caller, request)
            if request.state is not State.CLARIFYING:
                raise Conflict(f"not_while_{request.state.public}")
            dossier, seal = await self.dossiers.opened(request)
            if not (details or {}).keys() <= {part.right for part in request.parts}:
                raise InvalidInput("details", "of a right that is not asked")
            changes = self.answer_clock.resumed(request, "clarification", now)
            after, entry = request.happened(
                Happening.CLARIFIED,
                now,
                dossier=seal.lock(_answered(dossier, text, details or {}).model_dump_json().encode()),
                **changes,
            )
            await self.answer_clock.list_anew(request, changes)
            await self.duplicates.leave(request, dossier)
            await self.waits.add(request.id, now)
            move = Move(etag=read.etag, request=after, entry=entry, opens=[planning_of(after)])
            await self.mover.commit(move)
            await self.answer_clock.unlist(request, after)
            return after

        return await self.mover.on_newest(request_id, decide)


def _answered(dossier: Dossier, text: str, details: Mapping[str, Ask]) -> Dossier:
    *before, newest = dossier.questions
    questions = (*before, newest.model_copy(update={"answer": text}))
    return dossier.model_copy(update={"questions": questions, "asks": {**dossier.asks, **details}})
