"""Mail a statutory notice about a request: never limited, sent until it is on record."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from shared.domain.dossier import known_addresses
from shared.domain.errors import Permanent
from shared.domain.references import References
from shared.domain.request import Request, RequestId, Told
from shared.domain.states import Happening
from shared.messages.commands import SendNotice
from shared.ports.requests import Move, RequestStore, Subjects, Versioned
from shared.ports.world import Clock, Mail, Mailer, Maps, Renderer
from shared.use_cases.addressing import NO_ADDRESS, Addressing, Audience
from shared.use_cases.moving import Mover
from shared.use_cases.notice_about import About
from shared.use_cases.notice_values import NoticeValues
from shared.use_cases.noting_bounces import mailed_reference
from shared.use_cases.reading_dossiers import Dossiers

log = logging.getLogger(__name__)

__all__ = ["MAIL_REFUSED", "NO_ADDRESS", "SendNoticeUseCase"]

MAIL_REFUSED = "mail_refused"
_DELIVERIES = frozenset({"answered", "certified"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SendNoticeUseCase:
    """Send one notice. A crash between mail and record sends the same mail again under the same Message-ID.

    A person who signed in and of whom no address is on record gets none: the answer waits in the app. A mailbox that
    refuses for good is not tried again. Either way the request is marked for an operator to see. What was told stays on
    record by the hash of its words. `starts_at` says when an erasure behind a copy starts at the latest.
    """

    requests: RequestStore
    subjects: Subjects
    dossiers: Dossiers
    references: References
    maps: Maps
    addressing: Addressing
    mailer: Mailer
    renderer: Renderer
    mover: Mover
    clock: Clock
    public_url: str
    cases_url: str
    starts_at: Callable[[Request], datetime]

    async def __call__(self, command: SendNotice) -> None:
        """Send one notice, unless it is on record already.

        Raises:
            NotFound: there is no such request.
            Transient: mail or store failed in a way that may pass.
        """
        case = await self.requests.load(RequestId(str(command.request_id)))
        request = case.request.row
        if command.key not in case.open:
            return
        dossier, seal = await self.dossiers.opened(request)
        about = About(
            case=case,
            dossier=dossier,
            data_map=self.maps.current(),
            seal=seal,
            tenant=await self.addressing.customer(command.notice, request),
            subject=command.about,
        )
        audience = self.addressing.audience(command, request, dossier, about.tenant, about.data_map, self.clock())
        attention, told = {audience.unreached}, None
        if audience.addresses:
            attention, told = await self._sent(command, about, audience)
        happening = Happening.MAIL_REFUSED if told is None and audience.addresses else Happening.NOTIFIED

        async def record(read: Versioned[Request]) -> None:
            marked = tuple(sorted(attention.union(read.row.attention)))
            texts = read.row.told if told is None else (*read.row.told, told)
            after, entry = read.row.happened(
                happening, self.clock(), about=command.notice, attention=marked, told=texts
            )
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, closes=[command.key]))

        await self.mover.on_newest(request.id, record)

    async def _sent(self, command: SendNotice, about: About, audience: Audience) -> tuple[set[str], Told | None]:
        """Send the mails; return what an operator should see of how that went, and what was told to anybody."""
        request, now = about.request, self.clock()
        values = NoticeValues(
            references=self.references,
            public_url=self.public_url,
            cases_url=self.cases_url,
            starts_at=self.starts_at,
        )
        text = self.renderer.mail(command.notice, audience.language, values.of(command.notice, about, now))
        taken = 0
        if audience.unreached == NO_ADDRESS and about.dossier.email not in audience.addresses:
            # A mail that comes back names nothing but its address: one that nobody proved leads here by this alone.
            reference = mailed_reference(self.references, audience.addresses[0])
            await self.subjects.add(reference, request.id)
        for address in audience.addresses:
            key = uuid5(UUID(request.id), self._key(command, audience, address))
            try:
                await self.mailer.send(Mail(key=key, to=address, subject=text.subject, text=text.text, html=text.html))
                taken += 1
            except Permanent as error:
                log.warning("notice refused request_id=%s code=%s", request.id, error.code)
        if command.notice in _DELIVERIES:
            await self._announce(command, about, audience, values)
        if not taken:
            return {audience.refused or MAIL_REFUSED}, None
        words = hashlib.sha256(text.text.encode()).hexdigest()
        return set(), Told(notice=command.notice, at=now, language=audience.language, text_hash=words)

    async def _announce(self, command: SendNotice, about: About, audience: Audience, values: NoticeValues) -> None:
        """Say to every other known address that an answer is being handed over: without it, or a link to it."""
        request = about.request
        others = [one for one in known_addresses(about.dossier) if one not in audience.addresses]
        if not others:
            return
        told = values.of("announced", about, self.clock()) | values.announced(request, "delivery")
        text = self.renderer.mail("announced", request.language, told)
        for address in others:
            key = uuid5(UUID(request.id), f"{command.key}/announced/{self.references.limit('notice', address)}")
            try:
                await self.mailer.send(Mail(key=key, to=address, subject=text.subject, text=text.text, html=text.html))
            except Permanent as error:
                log.warning("announcement refused request_id=%s code=%s", request.id, error.code)

    def _key(self, command: SendNotice, audience: Audience, address: str) -> str:
        """Return what a mail is known by: where there are several, each by its address too."""
        several = len(audience.addresses) > 1
        return f"{command.key}/{self.references.limit('notice', address)}" if several else command.key
