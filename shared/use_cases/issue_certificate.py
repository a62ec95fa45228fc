"""Issue the signed certificate of an erasure: the last step, and the only one that tells the person it is done."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.domain.references import References
from shared.domain.request import Export, ExportId
from shared.domain.states import Happening
from shared.domain.zip_format import closed
from shared.messages.commands import SendNotice
from shared.ports.blobs import Blobs
from shared.ports.erasing import Signer
from shared.ports.requests import Case, Exports, Move, Waits
from shared.ports.world import Clock, Maps, Renderer
from shared.use_cases.certificate_contents import certificate_files
from shared.use_cases.certificate_lines import is_complete, lines_of
from shared.use_cases.moving import Mover
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.together import together


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCertificate:
    """Sign what the receipts show and lay it behind a link.

    The certificate names the hash of the very line of history that records it, so it is signed anew when somebody else
    moved the request meanwhile. Its blob is named by its own hash: what a crash leaves is never taken for the one on
    record.
    """

    packages: Blobs
    exports: Exports
    waits: Waits
    dossiers: Dossiers
    maps: Maps
    references: References
    signer: Signer
    renderer: Renderer
    mover: Mover
    clock: Clock
    public_url: str
    kept_for: timedelta
    case_file_kept_for: timedelta

    async def __call__(self, case: Case) -> None:
        """Issue the certificate of a request that is at that point.

        Raises:
            Transient: the signing key or a store could not be reached.
            StaleState: the request moved meanwhile; nothing was told to anybody.
        """
        request, now, data_map = case.request.row, self.clock(), self.maps.current()
        lines = lines_of(case, await self.dossiers.of(request), data_map)
        complete = is_complete(lines, request)
        certificate_id = ExportId(str(self.references.export_id(request.id, "certificate")))
        until = now + self.kept_for
        certificate = Export(id=certificate_id, kind="certificate", started_at=now, expires_at=until, link_issue=1)
        erasure = request.erasure
        after, entry = request.happened(
            Happening.CERTIFIED if complete else Happening.CERTIFIED_PARTIAL,
            now,
            about=(erasure.plan_hash or "") if erasure else "",
            case_file_until=now + self.case_file_kept_for,
        )
        files = await certificate_files(
            case,
            lines,
            data_map,
            after,
            entry.hash,
            self.signer,
            self.references,
            self.renderer,
            self.public_url,
            now,
        )
        data = await asyncio.to_thread(closed, (), 0, files, now)
        name = f"{request.id}/certificate-{hashlib.sha256(data).hexdigest()[:16]}.zip"
        await self.packages.put(name, data)
        await together([self.exports.add(certificate_id, request.id), self.waits.add(request.id, until)])
        after = after.model_copy(
            update={
                "certificate": certificate.model_copy(update={"name": name, "size": len(data)}),
                "erasure": erasure.model_copy(update={"audit_event": entry.hash}) if erasure else None,
            }
        )
        notice = SendNotice(request_id=UUID(request.id), notice="certified")
        await self.mover.commit(Move(etag=case.request.etag, request=after, entry=entry, opens=[notice]))
