"""Mail one issue of a verification code to the address a request claims, within the budget for codes."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from shared.domain.errors import Permanent, Transient
from shared.domain.references import References
from shared.domain.request import Request, RequestId
from shared.domain.states import Happening, State
from shared.messages.commands import SendCode
from shared.ports.bus import Bus
from shared.ports.requests import Move, RequestStore, Versioned
from shared.ports.world import Clock, Limits, Mail, Mailer, Renderer
from shared.use_cases.asked import rights_asked
from shared.use_cases.moving import Mover
from shared.use_cases.reading_dossiers import Dossiers

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBudget:
    """How many codes one address, and one mail domain, may be sent in a window; apart from statutory mail."""

    per_address: int
    per_domain: int
    window: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SendCodeUseCase:
    """Send the newest code. An issue that was overtaken, used or sent already is closed without a mail.

    A second proof's goes to the address chosen for it; where there is none, nothing is mailed.
    A mailbox that refuses for good is not tried again: a new issue may be asked, or the proof lapses.
    Over budget the mail waits for the window to end; the request is received and its clock runs all the same. The
    code's time counts from the mail, not from the request.
    """

    requests: RequestStore
    dossiers: Dossiers
    references: References
    limits: Limits
    mailer: Mailer
    renderer: Renderer
    mover: Mover
    bus: Bus
    clock: Clock
    budget: CodeBudget
    code_valid_for: timedelta
    public_url: str

    async def __call__(self, command: SendCode) -> None:
        """Send, or put off, one code.

        Raises:
            NotFound: there is no such request.
            Transient: mail or store failed in a way that may pass.
        """
        case = await self.requests.load(RequestId(str(command.request_id)))
        request = case.request.row
        if command.key not in case.open:
            return
        verification = request.verification
        ended = request.state in {State.REFUSED, State.WITHDRAWN}
        if verification is None or verification.issue != command.issue or verification.used or ended:
            await self._record(request.id, command, Happening.NOTIFIED)
            return
        dossier = await self.dossiers.of(request)
        address = dossier.second_address if request.second_proof == "asked" else dossier.contact or dossier.email
        if address is None:
            await self._record(request.id, command, Happening.NOTIFIED)
            return
        wait = None if verification.counted else await self._over_budget(address)
        if wait is not None:
            await self._put_off(command, wait)
            return
        try:
            await self.mailer.send(self._mail(request, command, address))
        except Transient:
            await self._note_counted(request.id, command)
            raise
        except Permanent as error:
            log.warning("code refused request_id=%s code=%s", request.id, error.code)
            await self._record(request.id, command, Happening.MAIL_REFUSED, mailed=True)
            return
        await self._record(request.id, command, Happening.NOTIFIED, mailed=True)

    async def _put_off(self, command: SendCode, wait: timedelta) -> None:
        # What the sweep sent anew is not put off: the first sending waits already, and the sweep comes by again.
        if not command.reissue:
            await self.bus.send([command.model_copy(update={"attempt": command.attempt + 1})], wait)

    async def _over_budget(self, address: str) -> timedelta | None:
        domain, budget = address.rpartition("@")[2], self.budget
        wait = await self.limits.take(
            "code-address", self.references.limit("address", address), budget.per_address, budget.window
        )
        if wait is not None:
            return wait
        return await self.limits.take(
            "code-domain", self.references.limit("domain", domain), budget.per_domain, budget.window
        )

    def _mail(self, request: Request, command: SendCode, address: str) -> Mail:
        code = self.references.code(request.id, command.issue)
        text = self.renderer.mail(
            "code",
            request.language,
            {
                "public_url": self.public_url,
                "request_id": request.id,
                "rights": rights_asked(request),
                "asked_at": request.received_at,
                "due_at": request.due_at,
                "code": f"{code[:4]}-{code[4:]}",
                "valid_minutes": int(self.code_valid_for.total_seconds() // 60),
                "link": f"{self.public_url}/api/privacy/{request.id}/verify?language={request.language}#{code}",
            },
        )
        key = uuid5(UUID(request.id), command.key)
        return Mail(key=key, to=address, subject=text.subject, text=text.text, html=text.html)

    async def _note_counted(self, request_id: RequestId, command: SendCode) -> None:
        """Keep on record that the budget has counted this code, so that tries at one mail spend it once."""

        async def decide(read: Versioned[Request]) -> None:
            verification = read.row.verification
            if verification is None or verification.issue != command.issue or verification.counted:
                return
            counted = verification.model_copy(update={"counted": True})
            after, entry = read.row.happened(Happening.CODE_DELAYED, self.clock(), verification=counted)
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry))

        await self.mover.on_newest(request_id, decide)

    async def _record(
        self, request_id: RequestId, command: SendCode, happening: Happening, *, mailed: bool = False
    ) -> None:
        async def decide(read: Versioned[Request]) -> None:
            request, now = read.row, self.clock()
            verification = request.verification
            if mailed and verification is not None and verification.issue == command.issue:
                fresh = {"expires_at": now + self.code_valid_for, "mailed": True}
                verification = verification.model_copy(update=fresh)
            after, entry = request.happened(happening, now, verification=verification)
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, closes=[command.key]))

        await self.mover.on_newest(request_id, decide)
