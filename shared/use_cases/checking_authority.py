"""Check by what authority somebody asks for somebody else (GDPR Art. 12(2); UAVG 5 for children under 16)."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.errors import Conflict
from shared.domain.request import Request, RequestId
from shared.domain.states import Happening, State
from shared.messages.inputs import CheckAuthority
from shared.ports.requests import Move, RequestStore, Versioned, Waits
from shared.ports.world import Clock
from shared.use_cases.caller import Caller
from shared.use_cases.erasure_moves import marked, planning_of, unmarked
from shared.use_cases.moving import Mover
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.two_operators import TwoOperators

TO_CHECK, REJECTED = "authority_to_check", "authority_rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckingAuthority:
    """One operator looks and says what they saw. A refusal is for two to decide, by the ground that identity failed."""

    requests: RequestStore
    waits: Waits
    dossiers: Dossiers
    two: TwoOperators
    mover: Mover
    clock: Clock
    reissue_after: timedelta

    async def __call__(self, caller: Caller, request_id: RequestId, given: CheckAuthority) -> Request:
        """Return the request: on its way, or marked for a refusal.

        The person represented gets the answer, unless it is to go to the representative.

        Raises:
            NotSignedIn, NotAllowed: the caller is no operator, or the subject.
            NotFound: there is no such request.
            Conflict: `no_authority_to_check`.
        """

        async def decide(read: Versioned[Request]) -> Request:
            request, now = read.row, self.clock()
            dossier, seal = await self.dossiers.opened(request)
            operator = await self.two.one(caller, request, dossier)
            if request.authority != "to_check" or request.state is not State.RECEIVED:
                raise Conflict("no_authority_to_check")
            to_them = given.deliver_to == "representative" and dossier.representative is not None
            checked = given.outcome == "checked"
            contact = dossier.representative.email if to_them and dossier.representative else dossier.contact
            kept = dossier.model_copy(
                update={"authority_evidence": given.evidence, "contact": contact if checked else dossier.contact}
            )
            after, entry = request.happened(
                Happening.AUTHORITY_CHECKED if checked else Happening.VERDICT_PROPOSED,
                now,
                actor=operator.object_id,
                about=given.deliver_to if checked else REJECTED,
                authority="checked" if checked else "to_check",
                dossier=seal.lock(kept.model_dump_json().encode()),
                attention=unmarked(request, TO_CHECK, REJECTED) if checked else _rejected(request),
            )
            opens = [planning_of(after)] if checked else []
            await self.waits.add(request.id, now + self.reissue_after)
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, opens=opens))
            return after

        return await self.mover.on_newest(request_id, decide)


def _rejected(request: Request) -> tuple[str, ...]:
    return tuple(code for code in marked(request, REJECTED) if code != TO_CHECK)
