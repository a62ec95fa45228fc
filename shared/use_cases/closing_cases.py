"""What becomes of an answered request: its packages expire, then its traces of a person go, then its case file."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.dossier import known_addresses
from shared.domain.errors import Gone
from shared.domain.identity import EMAIL
from shared.domain.references import References
from shared.domain.request import Export, Request
from shared.domain.states import Happening
from shared.ports.blobs import Blobs
from shared.ports.case_keys import CaseKeys
from shared.ports.requests import Case, Deadlines, Exports, Move, RequestStore, Subjects
from shared.ports.tenants import TenantCases
from shared.use_cases.joining_duplicates import JoiningDuplicates
from shared.use_cases.moving import Mover
from shared.use_cases.noting_bounces import mailed_reference
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.taking_turns import TakingTurns


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingCases:
    """Looks at an answered request and does what its age asks for. Every step can be repeated."""

    requests: RequestStore
    dossiers: Dossiers
    references: References
    turns: TakingTurns
    duplicates: JoiningDuplicates
    keys: CaseKeys
    subjects: Subjects
    exports: Exports
    deadlines: Deadlines
    tenant_cases: TenantCases
    fragments: Blobs
    packages: Blobs
    mover: Mover
    reissue_after: timedelta

    async def look(self, case: Case, now: datetime) -> datetime | None:
        """Return when to look again at a request whose open commands are the caller's to send; None for never."""
        request = case.request.row
        if request.traces_gone_at is not None:
            return await self._case_file(request, now)
        if await self.expire(case, now):
            return now
        await self._delete(self.fragments, request)
        if case.open:
            return now + self.reissue_after
        alive = [one.expires_at for one in _there(request) if one.expires_at is not None]
        if alive:
            return min(alive)
        if request.certificate is None:
            return None
        await self._erase_traces(case, now)
        return request.case_file_until

    async def expire(self, case: Case, now: datetime) -> bool:
        """Delete a package or certificate whose time is over; tell whether there was one."""
        for one in _there(case.request.row):
            if one.expires_at is not None and one.expires_at <= now:
                await self._expire(case, one, now)
                return True
        return False

    async def delete_payloads(self, request: Request) -> None:
        """Delete what was collected for a request that came to nothing."""
        await self._delete(self.fragments, request)
        await self._delete(self.packages, request)

    async def _expire(self, case: Case, export: Export, now: datetime) -> None:
        request = case.request.row
        await self.packages.delete([export.blob_of(request.id)])
        gone = export.model_copy(update={"deleted_at": now})
        package = export.kind == "package"
        after, entry = request.happened(
            Happening.PACKAGE_EXPIRED,
            now,
            about=export.kind,
            export=gone if package else request.export,
            certificate=request.certificate if package else gone,
        )
        await self.mover.commit(Move(etag=case.request.etag, request=after, entry=entry))

    async def _erase_traces(self, case: Case, now: datetime) -> None:
        """Let go of who it was about: what is left are decisions, receipts and hashes, which lead to nobody."""
        request = case.request.row
        await self._forget_the_person(request)
        for one in (request.export, request.certificate):
            if one is not None:
                await self.exports.remove(one.id)
        await self._delete(self.packages, request)
        await self.keys.shred(request.id)
        after, entry = request.happened(
            Happening.TRACES_ERASED,
            now,
            owner_ref=None,
            body_hash="",
            dossier=b"",
            parts=tuple(part.model_copy(update={"tenant": None}) for part in request.parts),
            traces_gone_at=now,
        )
        await self.mover.commit(Move(etag=case.request.etag, request=after, entry=entry))

    async def _forget_the_person(self, request: Request) -> None:
        """Take the request out of every index under every reference it may stand under, account and address."""
        try:
            dossier = await self.dossiers.of(request)
        except Gone:
            return  # A run before this one came further: the key is shredded after it.
        references = set() if request.owner_ref is None else {request.owner_ref}
        if dossier.email is not None:
            references.update(self.references.subject_in_all_versions(EMAIL, dossier.email, None))
        for reference in sorted(references):
            await self.subjects.remove(reference, request.id)
        for address in known_addresses(dossier):
            await self.subjects.remove(mailed_reference(self.references, address), request.id)
        await self.turns.leave(request)
        await self.duplicates.leave(request, dossier)

    async def _case_file(self, request: Request, now: datetime) -> datetime | None:
        until = request.case_file_until
        if until is None or now < until:
            return until
        await self.deadlines.remove(request.id, request.due_at)
        if request.role == "processor" and request.tenant is not None:
            await self.tenant_cases.remove(request.tenant, request.id)
        await self.requests.delete(request.id)
        return None

    @staticmethod
    async def _delete(blobs: Blobs, request: Request) -> None:
        names = await blobs.names(request.id)
        if names:
            await blobs.delete(names)


def _there(request: Request) -> list[Export]:
    """Return what was put together and is not deleted yet."""
    held = (request.export, request.certificate)
    return [one for one in held if one is not None and one.size is not None and one.deleted_at is None]
