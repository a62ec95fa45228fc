"""Hear from the mail system that a mail never arrived: what it told is still to be told (GDPR Art. 12(3))."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from shared.domain.dossier import Dossier
from shared.domain.errors import Gone, InvalidInput, NotFound
from shared.domain.identity import EMAIL, normalise
from shared.domain.references import References
from shared.domain.request import Request
from shared.domain.states import Happening
from shared.messages.commands import SendNotice
from shared.messages.decision_inputs import MailEvent
from shared.ports.requests import Move, RequestStore, Subjects, Versioned, Waits
from shared.ports.world import Clock
from shared.use_cases.caller import Caller, require_service
from shared.use_cases.erasure_moves import marked
from shared.use_cases.moving import Mover
from shared.use_cases.reading_dossiers import Dossiers

log = logging.getLogger(__name__)

MAIL_BOUNCED = "mail_bounced"
DELIVERY_REPORT = "Microsoft.Communication.EmailDeliveryReportReceived"
MAILED = "mailed"  # the kind of reference under which an address is indexed that was written to and never proven
_UNDELIVERED = frozenset({"Bounced", "Failed", "Suppressed", "Quarantined", "FilteredSpam"})
_AGAIN = 100  # numbers of notices that are sent again begin here
_MOST_NUMBERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NotingBounces:
    """Finds a mail by its recipient's requests and the id it was sent under: no index is written for each mail.

    The notice is opened again, for another address of the person's where there is one; an operator sees it either way.
    """

    requests: RequestStore
    subjects: Subjects
    waits: Waits
    dossiers: Dossiers
    references: References
    mover: Mover
    clock: Clock
    home_tenant: str

    async def __call__(self, caller: Caller, events: Sequence[MailEvent]) -> int:
        """Return how many of these mails are to be told again; what is not ours, or was heard before, changes nothing.

        Raises:
            NotSignedIn, NotAllowed: the caller is no service of ours.
        """
        require_service(caller, self.home_tenant)
        reports = [one.data for one in events if one.type == DELIVERY_REPORT and one.data.status in _UNDELIVERED]
        return sum([await self._note(one.message_id, one.recipient) for one in reports])

    async def _note(self, message_id: str, recipient: str) -> bool:
        try:
            address, mail = normalise(EMAIL, recipient), UUID(message_id)
        except (InvalidInput, ValueError):
            return False
        references = [
            reference
            for kind in (EMAIL, MAILED)
            for reference in self.references.subject_in_all_versions(kind, address, None)
        ]
        for request_id in await self.subjects.requests(references):
            try:
                if await self.mover.on_newest(request_id, lambda read: self._open_again(read, mail, address)):
                    return True
            except (NotFound, Gone):
                continue
        return False

    async def _open_again(self, read: Versioned[Request], mail: UUID, address: str) -> bool:
        """Open the notice again that went out under this id; tell whether one did."""
        request, now = read.row, self.clock()
        notice = next((one for one in _sent(request) if uuid5(UUID(request.id), one.key) == mail), None)
        if notice is None:
            return False
        mark = f"{MAIL_BOUNCED}:{mail}"
        if mark in request.warned:
            return True
        dossier, seal = await self.dossiers.opened(request)
        log.warning("notice bounced request_id=%s notice=%s", request.id, notice.notice)
        after, entry = request.happened(
            Happening.MAIL_REFUSED,
            now,
            about=notice.notice,
            attention=marked(request, MAIL_BOUNCED),
            warned=(*request.warned, mark),
            dossier=seal.lock(_without(dossier, address).model_dump_json().encode()),
        )
        again = notice.model_copy(update={"number": _AGAIN + len(request.told)})
        await self.waits.add(request.id, now)
        await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, opens=[again]))
        return True


def _sent(request: Request) -> Iterable[SendNotice]:
    """Return every notice that may have been mailed to the person, under each number it may have had."""
    numbers = [*range(1, _MOST_NUMBERS + 1), *range(_AGAIN, _AGAIN + len(request.told) + 1)]
    for notice in dict.fromkeys(one.notice for one in request.told):
        for number in numbers:
            yield SendNotice.model_validate({"request_id": request.id, "notice": notice, "number": number})


def _without(dossier: Dossier, address: str) -> Dossier:
    bounced = (*dossier.bounced, address)
    return dossier.model_copy(update={"bounced": tuple(dict.fromkeys(bounced))})


def mailed_reference(references: References, address: str) -> str:
    """Return what an address is indexed under that a notice went to and nobody proved: it opens no request."""
    return references.subject(MAILED, address, None)
