"""What this service keeps of people itself: their cases, consents, limits on processing, and signs of a takeover."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.domain.errors import Gone, NotFound
from shared.domain.identity import EMAIL, OBJECT_ID, Identifier
from shared.domain.references import References
from shared.domain.request import Request, RequestId
from shared.ports.accounts import AccountEvents
from shared.ports.connector import Record
from shared.ports.measures import Consents, Measures
from shared.ports.requests import RequestStore, Subjects
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.together import together

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecords:
    """Finds a person's own by keyed reference: of their account inside its tenant, or of an address they proved.

    Who else had to do with a case, and the people a shared address may stand for, are never told.
    """

    references: References
    subjects: Subjects
    requests: RequestStore
    dossiers: Dossiers
    consents: Consents
    measures: Measures
    account_events: AccountEvents

    async def cases(self, identifiers: Sequence[Identifier]) -> list[Record]:
        """Return every request of the person with its history, the oldest first."""
        ids = await self.subjects.requests(self._references(identifiers))
        found = await together([self._case(one) for one in ids])
        return sorted((one for one in found if one is not None), key=lambda one: (one["receivedAt"], one["id"]))

    async def consented(self, identifiers: Sequence[Identifier]) -> list[Record]:
        """Return the lines of the person's record of consent."""
        lines = await self.consents.of(self._references(identifiers))
        return [one.model_dump(mode="json", exclude_none=True, exclude={"id"}) for one in lines]

    async def limits(self, identifiers: Sequence[Identifier]) -> list[Record]:
        """Return every limit on processing of Spinpanel's own records, lifted ones included, each once."""
        handles = [
            handle
            for kind, value, tenant in _known(identifiers)
            for handle in self.references.handles(kind, value, tenant)
        ]
        found = await together([self.measures.of(one) for one in handles])
        limits = {one.id: one for some, _ in found for one in some if one.role == "controller"}
        return [
            one.model_dump(mode="json", exclude_none=True, exclude={"id", "role", "tenant"}) for one in limits.values()
        ]

    async def signs(self, identifiers: Sequence[Identifier]) -> list[Record]:
        """Return what the app told of the person's account, without the address before: it may be somebody else's."""
        events = await self.account_events.since(self._references(identifiers), _EVER)
        return [{"happening": one.happening, "at": one.at.isoformat()} for one in events]

    def _references(self, identifiers: Sequence[Identifier]) -> list[str]:
        return [one for known in _known(identifiers) for one in self.references.subject_in_all_versions(*known)]

    async def _case(self, request_id: RequestId) -> dict[str, Any] | None:
        try:
            request = (await self.requests.read(request_id)).row
        except NotFound:
            return None  # The index may know of a request that was never written, or is gone.
        history = await self.requests.history(request_id)
        told = _told(request) | await self._sealed(request)
        steps = [{"at": one.at.isoformat(), "event": one.happening, "status": one.after.public} for one in history]
        return {name: value for name, value in (told | {"history": steps}).items() if value is not None}

    async def _sealed(self, request: Request) -> dict[str, Any]:
        """Return what the person told us with the request, while it is there."""
        try:
            dossier = await self.dossiers.of(request)
        except Gone:
            return {}
        asked = {right: ask.model_dump(mode="json", exclude_defaults=True) for right, ask in dossier.asks.items()}
        return {"address": dossier.email, "asked": asked or None}


def _told(request: Request) -> dict[str, Any]:
    proven = request.verification.proven_at if request.verification else None
    return {
        "id": request.id,
        "rights": list(dict.fromkeys(part.right for part in request.parts)),
        "status": request.public,
        "channel": request.channel,
        "language": request.language,
        "signedIn": request.signed_in,
        "provenAt": proven.isoformat() if proven else None,
        "receivedAt": request.received_at.isoformat(),
        "dueAt": request.due_at.isoformat(),
        "endedAt": request.ended_at.isoformat() if request.ended_at else None,
        "reason": request.reason,
        "downloads": sum(one.downloads for one in (request.export, request.certificate) if one is not None),
        "mails": [{"notice": one.notice, "at": one.at.isoformat(), "language": one.language} for one in request.told],
    }


def _known(identifiers: Sequence[Identifier]) -> list[tuple[str, str, str | None]]:
    """Return what references are made of: an account counts inside its tenant, an address anywhere."""
    accounts = [(OBJECT_ID, one.value, one.tenant) for one in identifiers if one.kind == OBJECT_ID and one.tenant]
    addresses = [(EMAIL, one.value, None) for one in identifiers if one.kind == EMAIL]
    return list(dict.fromkeys([*accounts, *addresses]))
