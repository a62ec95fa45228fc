"""Decide what a person asked: at once in their favour, against them by two people with a ground (GDPR Art. 12(4))."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.domain.dossier import Dossier
from shared.domain.errors import Conflict, InvalidInput, NotAllowed
from shared.domain.request import Request, RequestId
from shared.domain.states import Happening, State
from shared.domain.verdict import Verdict, fits
from shared.messages.commands import SendNotice
from shared.messages.decision_inputs import ConfirmVerdict, ProposeVerdict
from shared.ports.case_keys import Seal
from shared.ports.requests import Move, RequestStore, Versioned, Waits
from shared.ports.world import Clock, Principal
from shared.use_cases.caller import REVIEWER, Caller, require_decider
from shared.use_cases.erasure_moves import marked, nudge, unmarked
from shared.use_cases.moving import Mover
from shared.use_cases.pausing import AnswerClock
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.resend_code import PROPOSED
from shared.use_cases.settling_requests import DECISION
from shared.use_cases.uninvolved import Uninvolved

REFUSED_LATE = "refused_late"
_ENDS = {"refused": "refused", "fee": "fee_asked"}  # the notices that end a whole request, and why it ended


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidingParts:
    """Proposes, confirms and drops decisions. A proposal counts for nothing until a second person confirmed it."""

    requests: RequestStore
    waits: Waits
    dossiers: Dossiers
    uninvolved: Uninvolved
    answer_clock: AnswerClock
    mover: Mover
    clock: Clock
    home_tenant: str

    async def propose(self, caller: Caller, request_id: RequestId, given: ProposeVerdict) -> Request:
        """Decide in the person's favour, or propose to decide against them; the same again is no error.

        Raises:
            NotSignedIn, NotAllowed: the caller may not decide, is the subject, or had a part in what is complained of.
            NotFound: there is no such request.
            InvalidInput: no such part, a ground that does not fit the right, no text, or corrections nobody asked.
            Conflict: it is not ours or not now to decide, or somebody else proposed or decided already.
        """
        decider = require_decider(caller, self.home_tenant)

        async def decide(read: Versioned[Request]) -> Request:
            request, now = read.row, self.clock()
            dossier, seal = await self.dossiers.opened(request)
            await self._must_be_theirs(decider, request, dossier, given.part)
            _must_fit(request, dossier, given)
            verdict = _verdict(given, decider, seal, now)
            before = next((one for one in request.verdicts if one.part == given.part), None)
            if before is not None and before.hash == verdict.hash:
                return request
            if before is not None:
                raise Conflict("decided_already" if before.given_at else "proposed_already")
            if verdict.against:
                changes = {"verdicts": (*request.verdicts, verdict), "attention": marked(request, PROPOSED)}
                return await self._commit(read, Happening.VERDICT_PROPOSED, verdict, decider, changes)
            verdict = verdict.model_copy(update={"given_at": now})
            return await self._give(read, verdict, decider, request.verdicts)

        return await self._then_advance(await self.mover.on_newest(request_id, decide))

    async def confirm(self, caller: Caller, request_id: RequestId, given: ConfirmVerdict) -> Request:
        """Agree to what somebody else proposed; again is no error. All of a request refused ends it.

        Raises:
            NotSignedIn, NotAllowed: as for proposing; or it is the caller's own proposal.
            NotFound: there is no such request.
            Conflict: `nothing_proposed`, `verdict_changed`, or it is not now to decide.
        """
        decider = require_decider(caller, self.home_tenant)

        async def decide(read: Versioned[Request]) -> Request:
            request = read.row
            verdict = next((one for one in request.verdicts if one.part == given.part), None)
            if verdict is not None and verdict.confirmed_by == decider.object_id and verdict.hash == given.verdict_hash:
                return request
            await self._must_be_theirs(decider, request, await self.dossiers.of(request), given.part)
            if verdict is None or verdict.given_at is not None:
                raise Conflict("nothing_proposed")
            if verdict.proposed_by == decider.object_id:
                raise NotAllowed
            if verdict.hash != given.verdict_hash:
                raise Conflict("verdict_changed")
            confirmed = verdict.model_copy(update={"confirmed_by": decider.object_id, "given_at": self.clock()})
            others = tuple(one for one in request.verdicts if one.part != given.part)
            if given.part is None and verdict.outcome in _ENDS:
                return await self._refuse(read, confirmed, decider, others)
            return await self._give(read, confirmed, decider, others)

        return await self._then_advance(await self.mover.on_newest(request_id, decide))

    async def drop(self, caller: Caller, request_id: RequestId, part: int | None) -> Request:
        """Take a proposal off the table.

        Raises:
            NotSignedIn, NotAllowed: as for proposing.
            NotFound: there is no such request.
            Conflict: `nothing_proposed`.
        """
        decider = require_decider(caller, self.home_tenant)

        async def decide(read: Versioned[Request]) -> Request:
            request = read.row
            await self._must_be_theirs(decider, request, await self.dossiers.of(request), part)
            verdict = next((one for one in request.verdicts if one.part == part and one.given_at is None), None)
            if verdict is None:
                raise Conflict("nothing_proposed")
            kept = tuple(one for one in request.verdicts if one is not verdict)
            changes = {"verdicts": kept, "attention": _attention(request, kept)}
            return await self._commit(read, Happening.VERDICT_DROPPED, verdict, decider, changes)

        return await self.mover.on_newest(request_id, decide)

    async def _must_be_theirs(self, decider: Principal, request: Request, dossier: Dossier, part: int | None) -> None:
        """Refuse who may not decide this, and what is not to be decided now."""
        await self.uninvolved.must_be(decider, request, dossier)
        if request.state.is_final or request.state is State.IDENTITY_PENDING:
            raise Conflict(f"not_while_{request.state.public}")
        if request.role == "processor" and request.state in {State.FORWARDED, State.DOUBTED}:
            raise Conflict("controllers_case")
        if part is not None and part >= len(request.parts):
            raise InvalidInput("part", "unknown")
        rights = {one.right for one in request.parts} if part is None else {request.parts[part].right}
        if "human_review" in rights and REVIEWER not in decider.roles:
            raise NotAllowed

    async def _give(
        self, read: Versioned[Request], verdict: Verdict, decider: Principal, others: tuple[Verdict, ...]
    ) -> Request:
        verdicts = (*others, verdict)
        after = read.row.model_copy(update={"verdicts": verdicts})
        attention = set(_attention(read.row, verdicts)) - (set() if after.undecided else {DECISION})
        changes = {"verdicts": verdicts, "attention": tuple(sorted(attention | self._lateness(read.row, verdict)))}
        await self.waits.add(read.row.id, self.clock())
        return await self._commit(read, Happening.VERDICT_GIVEN, verdict, decider, changes)

    async def _refuse(
        self, read: Versioned[Request], verdict: Verdict, decider: Principal, others: tuple[Verdict, ...]
    ) -> Request:
        request = read.row
        if any(part.state.is_final for part in request.parts):
            raise Conflict("partly_answered")
        if request.erasure is not None and request.erasure.started_at is not None:
            raise Conflict("erasure_has_begun")
        verdicts = (*others, verdict)
        attention = set(_attention(request, verdicts)) - {DECISION}
        changes = {
            "verdicts": verdicts,
            "attention": tuple(sorted(attention | self._lateness(request, verdict))),
            "reason": _ENDS[verdict.outcome],
            "stage": None,
        }
        case = await self.requests.load(request.id)
        notice = SendNotice.model_validate({"request_id": request.id, "notice": _ENDS[verdict.outcome]})
        await self.waits.add(request.id, self.clock())
        return await self._commit(
            read, Happening.REFUSED, verdict, decider, changes, opens=[notice], closes=list(case.open)
        )

    def _lateness(self, request: Request, verdict: Verdict) -> set[str]:
        """Return the mark of a refusal that comes later than the first month: it stands, and somebody should look."""
        late = verdict.against and self.clock() > self.answer_clock.first_month_ends(request)
        return {REFUSED_LATE} if late else set()

    async def _commit(
        self,
        read: Versioned[Request],
        happening: Happening,
        verdict: Verdict,
        decider: Principal,
        changes: dict[str, Any],
        opens: list[SendNotice] | None = None,
        closes: list[str] | None = None,
    ) -> Request:
        after, entry = read.row.happened(
            happening, self.clock(), actor=decider.object_id, about=verdict.hash, **changes
        )
        await self.mover.commit(
            Move(etag=read.etag, request=after, entry=entry, opens=opens or (), closes=closes or ())
        )
        return after

    async def _then_advance(self, request: Request) -> Request:
        if not request.state.is_final:
            await self.mover.send([nudge(request)])
        return request


def _must_fit(request: Request, dossier: Dossier, given: ProposeVerdict) -> None:
    """Refuse a decision that the law does not know, or that says nothing to the person."""
    if given.part is not None and request.parts[given.part].state.is_final:
        raise Conflict("part_ended")
    if given.part is not None and not request.parts[given.part].decide:
        raise Conflict("not_for_decision")
    if given.part is not None and given.outcome == "fee":
        raise InvalidInput("outcome", "a fee is asked for all of a request")
    rights = [one.right for one in request.parts] if given.part is None else [request.parts[given.part].right]
    if not all(fits(given.outcome, given.ground, right) for right in rights):
        raise InvalidInput("ground", "does not fit the right")
    if given.outcome != "granted" and given.text is None:
        raise InvalidInput("text", "missing")
    asked = len(dossier.ask("rectification").corrections) if "rectification" in rights else 0
    if any(number >= asked for number in given.corrections) or (given.corrections and given.outcome != "partly"):
        raise InvalidInput("corrections", "not asked, or not granted in part")


def _verdict(given: ProposeVerdict, decider: Principal, seal: Seal, now: datetime) -> Verdict:
    words = None if given.text is None else given.text.encode()
    return Verdict(
        part=given.part,
        outcome=given.outcome,
        ground=given.ground,
        text=None if words is None else seal.lock(words),
        text_hash=None if words is None else hashlib.sha256(words).hexdigest(),
        proposed_by=decider.object_id,
        proposed_at=now,
        corrections=tuple(sorted(set(given.corrections))),
    )


def _attention(request: Request, verdicts: tuple[Verdict, ...]) -> tuple[str, ...]:
    waiting = any(one.given_at is None for one in verdicts)
    return marked(request, PROPOSED) if waiting else unmarked(request, PROPOSED)
