"""Mail a statutory notice about a request: never limited, sent until it is on record."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from shared.domain.dossier import SHARED_ADDRESS
from shared.domain.errors import Permanent
from shared.domain.identity import EMAIL
from shared.domain.references import References
from shared.domain.request import Happening, Request, RequestId, State
from shared.domain.service_task import TaskState
from shared.messages.commands import SendNotice
from shared.ports.requests import Case, Move, RequestStore, Versioned
from shared.ports.world import Clock, Mail, Mailer, Maps, Renderer
from shared.use_cases.moving import Mover
from shared.use_cases.reading_dossiers import Dossiers

log = logging.getLogger(__name__)

MAIL_REFUSED = "mail_refused"
NO_ADDRESS = "no_address"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendNoticeUseCase:
    """Send one notice. A crash between mail and record sends the same mail again under the same Message-ID.

    A person who signed in and of whom no address is on record gets none: the answer waits in the app. A mailbox that
    refuses for good is not tried again. Either way the request is marked for an operator to see.
    """

    requests: RequestStore
    dossiers: Dossiers
    references: References
    maps: Maps
    mailer: Mailer
    renderer: Renderer
    mover: Mover
    clock: Clock
    public_url: str

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
        address = (await self.dossiers.of(request)).address
        attention = {NO_ADDRESS} if address is None else await self._sent(case, command, address)
        happening = Happening.MAIL_REFUSED if MAIL_REFUSED in attention else Happening.NOTIFIED

        async def record(read: Versioned[Request]) -> None:
            marked = tuple(sorted(attention.union(read.row.attention)))
            after, entry = read.row.happened(happening, self.clock(), attention=marked)
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, closes=[command.key]))

        await self.mover.on_newest(request.id, record)

    async def _sent(self, case: Case, command: SendNotice, address: str) -> set[str]:
        """Send the mail and return what an operator should see of how that went."""
        request = case.request.row
        text = self.renderer.mail(command.notice, request.language, self._values(case, command))
        key = uuid5(UUID(request.id), command.key)
        try:
            await self.mailer.send(Mail(key=key, to=address, subject=text.subject, text=text.text, html=text.html))
        except Permanent as error:
            log.warning("notice refused request_id=%s code=%s", request.id, error.code)
            return {MAIL_REFUSED}
        return set()

    def _values(self, case: Case, command: SendNotice) -> Mapping[str, Any]:
        request, data_map = case.request.row, self.maps.current()
        values: dict[str, Any] = {
            "public_url": self.public_url,
            "request_id": request.id,
            "right": request.parts[0].right,
            "asked_at": request.received_at,
            "status_link": f"{self.public_url}/api/privacy/{request.id}?language={request.language}",
            "privacy_contact": data_map.privacy_contact,
            "authority": data_map.authority,
        }
        if command.notice == "identity_not_established":
            spent = request.verification is not None and request.verification.tries_left == 0
            return values | {
                "reason": "spent" if spent else "lapsed",
                "link": f"{self.public_url}/api/privacy/{request.id}/verify?language={request.language}",
            }
        if command.notice in {"answered", "link_renewed"} and request.export is not None:
            export = request.export
            failed = {
                task.row.service
                for task in case.tasks.values()
                if task.row.state is TaskState.FAILED or task.row.unreadable
            }
            if SHARED_ADDRESS in request.attention:
                failed |= {service.id for service, dataset in data_map.datasets() if dataset.is_opened_by(EMAIL)}
            titles = {service.id: service.title.in_language(request.language) for service in data_map.services}
            return values | {
                "complete": request.state is State.COMPLETED,
                "missing": [titles.get(service, service) for service in sorted(failed)],
                "link": f"{self.public_url}/api/v1/exports/{export.id}?language={request.language}"
                f"#{self.references.link_secret(request.id, export.link_issue)}",
                "typed_secret": self.references.typed_secret(request.id, export.link_issue),
                "expires_at": export.expires_at,
                "needs_sign_in": not request.signed_in,
            }
        return values
