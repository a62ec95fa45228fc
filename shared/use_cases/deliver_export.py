"""Hand over packages and certificates: links that are looked at freely, opened by secret and proof, and taken back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.domain.errors import CodeRejected, Conflict, Gone, InvalidInput, NotAllowed, NotFound, ProofNeeded
from shared.domain.references import References
from shared.domain.request import Export, ExportId, Request, RequestId
from shared.domain.states import Happening, State
from shared.messages.commands import Notice, SendNotice
from shared.ports.blobs import Blobs
from shared.ports.requests import Exports, Move, RequestStore, Versioned, Waits
from shared.ports.world import Clock
from shared.use_cases.caller import Caller, require_operator
from shared.use_cases.erasure_moves import nudge
from shared.use_cases.moving import Mover
from shared.use_cases.owning import Owning, receives
from shared.use_cases.send_notice import MAIL_REFUSED, NO_ADDRESS
from shared.use_cases.stopping_requests import STOPPED, TOO_LATE

LINKS_PER_EXPORT = 20
# By kind: the notice of a fresh link, and what a downloaded file is called.
_RENEWED: dict[str, Notice] = {"package": "link_renewed", "certificate": "certificate_renewed"}
_FILE_NAMES = {"package": "personal-data", "certificate": "erasure-certificate"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverExport:
    """Everything a link does. Looking spends nothing: mail scanners follow links."""

    requests: RequestStore
    waits: Waits
    exports: Exports
    packages: Blobs
    owning: Owning
    references: References
    mover: Mover
    clock: Clock
    home_tenant: str
    fresh_proof: bool
    fresh_proof_for: timedelta
    download_valid_for: timedelta
    link_tries: int
    reissue_after: timedelta

    async def look(self, export_id: ExportId) -> tuple[Request, Export]:
        """Return an export and its request; for showing what it is and until when.

        Raises:
            NotFound: no such export.
        """
        request_id = await self.exports.request_of(export_id)
        request = (await self.requests.read(request_id)).row
        return request, _export(request, export_id)

    async def open(self, caller: Caller, export_id: ExportId, secret: str | None) -> str:
        """Count a download and return a URL that is good for minutes.

        Who signed in, and could be mailed no link, opens it by their sign-in alone. An erasure that waits for the
        package to be downloaded is told of it.

        Raises:
            InvalidInput: a secret is asked, and none was given.
            NotFound: no such export, or not the caller's.
            CodeRejected: the secret is not this link's; tries are counted.
            ProofNeeded: the secret is right, and a sign-in or a fresh code is asked as well.
            Gone: `expired`, `revoked` or `tries_spent`: a fresh link or a new request helps.
        """
        if secret is None and caller.principal is None and caller.session is None:
            raise InvalidInput("secret", "missing")
        request_id = await self.exports.request_of(export_id)

        async def decide(read: Versioned[Request]) -> Export:
            request, export = read.row, _export(read.row, export_id)
            self.must_be_open(export)
            if self.asks_secret(request):
                if secret is None:
                    raise InvalidInput("secret", "missing")
                if not self.references.is_link_secret(request_id, export.link_issue, secret, export.kind):
                    await self._count_a_try(read, export)
            self._must_be_proven(caller, request)
            counted = export.model_copy(update={"downloads": export.downloads + 1})
            disclosed = caller.principal is not None and receives(caller.principal, request)
            after, entry = request.happened(
                Happening.DISCLOSED if disclosed else Happening.DOWNLOADED,
                self.clock(),
                actor=request.disclosed_to or "" if disclosed else "",
                about=export.kind,
                **_kept(counted),
            )
            waits_for_it = export.kind == "package" and after.state is State.HANDED_OVER
            nudges = [nudge(after)] if waits_for_it else []
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry), also_send=nudges)
            return counted

        export = await self.mover.on_newest(request_id, decide)
        return await self.packages.link(
            export.blob_of(request_id), f"{_FILE_NAMES[export.kind]}-{request_id[:8]}.zip", self.download_valid_for
        )

    @staticmethod
    def asks_secret(request: Request) -> bool:
        """Tell whether a link's secret is asked beside the proof.

        It is not where the link reached nobody: the person signed in, and the address on their record, if there is
        one, takes no mail. Who proved an address can be asked for what was mailed there.
        """
        return request.verification is not None or {NO_ADDRESS, MAIL_REFUSED}.isdisjoint(request.attention)

    def is_proven(self, caller: Caller, request: Request) -> bool:
        """Tell whether the caller needs no further proof to open what this request led to."""
        try:
            self._must_be_proven(caller, request)
        except ProofNeeded:
            return False
        return True

    def must_be_open(self, export: Export) -> None:
        """Refuse an export that has ended.

        Raises:
            Gone: `expired`, `revoked` or `tries_spent`.
        """
        if self._has_ended(export):
            raise Gone("expired")
        if export.revoked_at is not None:
            raise Gone("revoked")
        if export.failed_tries >= self.link_tries:
            raise Gone("tries_spent")

    async def renew(self, caller: Caller, request_id: RequestId) -> Request:
        """Mail fresh links to whatever of one's own can still be downloaded; older links are void.

        Raises:
            NotSignedIn, NotFound: as for looking at the request.
            Conflict: `no_package`, `stopped` on a known address's word, or too many links were asked.
            Gone: everything has expired.
        """
        await self.owning.case(caller, request_id)
        await self.waits.add(request_id, self.clock() + self.reissue_after)

        async def decide(read: Versioned[Request]) -> Request:
            self.owning.must_own(caller, read.row)
            fresh = [
                one.model_copy(update={"link_issue": one.link_issue + 1, "revoked_at": None, "failed_tries": 0})
                for one in self._renewable(read.row)
            ]
            after, entry = read.row.happened(Happening.LINK_RENEWED, self.clock(), **_kept(*fresh))
            notices = [
                SendNotice(request_id=UUID(request_id), notice=_RENEWED[one.kind], number=one.link_issue)
                for one in fresh
            ]
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry, opens=notices))
            return after

        return await self.mover.on_newest(request_id, decide)

    def _renewable(self, request: Request) -> list[Export]:
        if {STOPPED, TOO_LATE}.intersection(request.attention):
            raise Conflict("stopped")
        there = [one for one in (request.export, request.certificate) if one is not None and one.size is not None]
        if not there:
            raise Conflict("no_package")
        alive = [one for one in there if not self._has_ended(one)]
        if not alive:
            raise Gone("expired")
        renewable = [one for one in alive if one.link_issue < LINKS_PER_EXPORT]
        if not renewable:
            raise Conflict("links_spent")
        return renewable

    async def revoke(self, caller: Caller, export_id: ExportId) -> None:
        """Make an export's link void, as its person or as an operator. Again is no error.

        Raises:
            NotFound: no such export, or not the caller's.
        """
        request_id = await self.exports.request_of(export_id)
        operator = caller.principal is not None and self._is_operator(caller)

        async def decide(read: Versioned[Request]) -> None:
            request, export = read.row, _export(read.row, export_id)
            if not operator:
                self.owning.must_own(caller, request)
            if export.revoked_at is not None or export.deleted_at is not None:
                return
            revoked = export.model_copy(update={"revoked_at": self.clock()})
            after, entry = request.happened(Happening.LINK_REVOKED, self.clock(), **_kept(revoked))
            await self.mover.commit(Move(etag=read.etag, request=after, entry=entry))

        await self.mover.on_newest(request_id, decide)

    def _has_ended(self, export: Export) -> bool:
        return export.deleted_at is not None or export.expires_at is None or export.expires_at <= self.clock()

    def _is_operator(self, caller: Caller) -> bool:
        try:
            require_operator(caller, self.home_tenant)
        except NotAllowed:
            return False
        return True

    def _must_be_proven(self, caller: Caller, request: Request) -> None:
        if not self.fresh_proof and self.asks_secret(request):
            return
        try:
            self.owning.must_own(caller, request)
        except NotFound:
            raise ProofNeeded from None
        self.owning.must_be_fresh(caller, self.fresh_proof_for.total_seconds())

    async def _count_a_try(self, read: Versioned[Request], export: Export) -> None:
        tried = export.model_copy(update={"failed_tries": export.failed_tries + 1})
        after, entry = read.row.happened(Happening.CODE_REJECTED, self.clock(), **_kept(tried))
        await self.mover.commit(Move(etag=read.etag, request=after, entry=entry))
        raise CodeRejected(self.link_tries - tried.failed_tries)


def _export(request: Request, export_id: ExportId) -> Export:
    for one in (request.export, request.certificate):
        if one is not None and one.id == export_id and one.size is not None:
            return one
    raise NotFound


def _kept(*exports: Export) -> dict[str, Any]:
    """Return the request's fields in which these are kept."""
    return {"export" if one.kind == "package" else one.kind: one for one in exports}
