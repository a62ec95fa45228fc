"""Put fragments together to one package, in bounded steps that can be repeated and resumed.

The package's bytes are decided by what is on record: fragments in order, then the final members, then the directory. So
two assemblies at once stage the same blocks under the same ids, and whichever commits last changes nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.domain.dossier import INCOMPLETE
from shared.domain.errors import NotFound, Permanent, StaleState
from shared.domain.request import Entry, Export, Request, RequestId
from shared.domain.review import held_under
from shared.domain.service_task import Fragment, TaskState, Work
from shared.domain.states import Happening, State
from shared.domain.zip_format import closed, placed_size
from shared.messages.commands import AssembleExport, SendNotice
from shared.ports.blobs import Blobs
from shared.ports.requests import Case, Exports, Move, RequestStore, Versioned, Waits
from shared.ports.world import Clock, Maps, Renderer
from shared.use_cases.asked import COPIES
from shared.use_cases.erasure_moves import nudge
from shared.use_cases.moving import Mover
from shared.use_cases.package_contents import closing_files
from shared.use_cases.reading_dossiers import Dossiers
from shared.use_cases.reviewing_copies import ReviewingCopies
from shared.use_cases.together import together
from shared.use_cases.writing_fragments import Indexed, read_index

BLOCK = 4 * 1024 * 1024
AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AssembleExportUseCase:
    """Do one step of assembly, or end it: package, state and notice in that order."""

    requests: RequestStore
    fragments: Blobs
    packages: Blobs
    exports: Exports
    waits: Waits
    dossiers: Dossiers
    maps: Maps
    renderer: Renderer
    reviewing: ReviewingCopies
    mover: Mover
    clock: Clock
    package_kept_for: timedelta
    step_for: timedelta

    async def __call__(self, command: AssembleExport) -> None:
        """Go on from the position on record; a copy that a person has to look through first waits for that.

        Raises:
            NotFound: there is no such request.
            Transient: a store failed in a way that may pass.
            StaleState: another assembly of the same request was faster; asking again finds its result.
        """
        case = await self.requests.load(RequestId(str(command.request_id)))
        request = case.request.row
        if request.state is not State.ASSEMBLING or request.export is None:
            if request.export is not None and request.export.size is not None:
                await self._tidy(case)
            return
        if request.stage is not None or await self.reviewing.begin(case, command):
            return
        if request.export.next_block != command.block:
            await self.mover.send([AssembleExport(request_id=command.request_id, block=request.export.next_block)])
            return
        fragments = _fragments(case)
        whole = sum(fragment.members_size for fragment in fragments)
        try:
            if whole <= BLOCK:
                await self._small(case, request.export, fragments)
            else:
                await self._large(case, request.export, fragments, whole)
        except NotFound:
            # Another assembly ended meanwhile and deleted the fragments: asking again finds its result.
            raise StaleState from None

    async def _small(self, case: Case, export: Export, fragments: Sequence[Fragment]) -> None:
        """Assemble what fits one write: one read a fragment, one write for the package."""
        blobs = await together(
            [self.fragments.read(one.name, 0, one.members_size + one.index_size) for one in fragments]
        )
        members = [blob[: one.members_size] for one, blob in zip(fragments, blobs, strict=True)]
        indexes = [read_index(blob[one.members_size :]) for one, blob in zip(fragments, blobs, strict=True)]
        tail = await self._tail(case, indexes, sum(map(len, members)))
        package = b"".join([*members, tail])
        await self.packages.put(export.blob_of(case.request.row.id), package)
        await self._end(case, export, len(package))

    async def _large(self, case: Case, export: Export, fragments: Sequence[Fragment], whole: int) -> None:
        name = export.blob_of(case.request.row.id)
        blocks = -(-whole // BLOCK)
        until, block = self.clock() + self.step_for, export.next_block
        while block < blocks:
            some = range(block, min(block + AT_ONCE, blocks))
            await together([self._copy(name, one, fragments, whole) for one in some], at_once=AT_ONCE)
            block = some.stop
            if block < blocks and self.clock() >= until:
                await self._advance(case, export, block)
                return
        indexes = await together([self.fragments.read(one.name, one.members_size, one.index_size) for one in fragments])
        tail = await self._tail(case, [read_index(index) for index in indexes], whole)
        closing = [tail[start : start + BLOCK] for start in range(0, len(tail), BLOCK)]
        for number, data in enumerate(closing):
            await self.packages.stage(name, blocks + number, data)
        try:
            await self.packages.commit(name, range(blocks + len(closing)))
        except StaleState:
            if await self.packages.size(name) != whole + len(tail):
                # Staged blocks are gone without a package: stage them anew, from the start.
                await self._advance(case, export, 0)
                return
        await self._end(case, export, whole + len(tail))

    async def _copy(self, name: str, block: int, fragments: Sequence[Fragment], whole: int) -> None:
        first, last = block * BLOCK, min((block + 1) * BLOCK, whole)
        reads, at = [], 0
        for fragment in fragments:
            start, end = max(first - at, 0), min(last - at, fragment.members_size)
            if start < end:
                reads.append(self.fragments.read(fragment.name, start, end - start))
            at += fragment.members_size
        pieces = await together(reads)
        await self.packages.stage(name, block, pieces[0] if len(pieces) == 1 else b"".join(pieces))

    async def _tail(self, case: Case, indexes: Sequence[Sequence[Indexed]], start: int) -> bytes:
        request = case.request.row
        members = [one for index in indexes for one in index]
        placed, offset = [], 0
        for one in members:
            placed.append((one.member, offset))
            offset += placed_size(one.member)
        if offset != start:
            raise Permanent("fragments_do_not_add_up")
        dossier = await self.dossiers.of(request)
        files = await asyncio.to_thread(closing_files, case, dossier, self.maps.current(), members, self.renderer)
        return closed(placed, offset, files, request.received_at)

    async def _advance(self, case: Case, export: Export, block: int) -> None:
        further = export.model_copy(update={"next_block": block})
        after, entry = case.request.row.happened(Happening.ASSEMBLY_ADVANCED, self.clock(), export=further)
        command = AssembleExport(request_id=UUID(after.id), block=block)
        closes = [AssembleExport(request_id=UUID(after.id), block=export.next_block).key]
        await self.mover.commit(
            Move(etag=case.request.etag, request=after, entry=entry, opens=[command], closes=closes)
        )

    async def _end(self, case: Case, export: Export, size: int) -> None:
        request_id, now = case.request.row.id, self.clock()
        erases = case.request.row.asks("erasure")
        goes_on = any(part.right not in COPIES and not part.state.is_final for part in case.request.row.parts)
        # A copy that comes before an erasure outlives it: it is the only one there will be.
        until = max(now, case.request.row.due_at if erases else now) + self.package_kept_for
        done = export.model_copy(update={"size": size, "expires_at": until, "link_issue": export.link_issue + 1})
        await together([self.exports.add(done.id, request_id), self.waits.add(request_id, until)])
        failed = any(task.state is TaskState.FAILED or task.unreadable for task in case.of(Work.EXPORT))
        review = case.request.row.review
        unreviewed = review is not None and review.unreviewed > 0
        incomplete = failed or unreviewed or not INCOMPLETE.isdisjoint(case.request.row.attention)
        settled = State.PARTIALLY_COMPLETED if incomplete else State.COMPLETED
        happening = Happening.ASSEMBLED_INCOMPLETE if incomplete else Happening.ASSEMBLED
        notice = SendNotice(request_id=UUID(request_id), notice="answered")
        closes = [AssembleExport(request_id=UUID(request_id), block=export.next_block).key]

        async def end(read: Versioned[Request]) -> None:
            if read.row.state is not State.ASSEMBLING:
                return
            if goes_on:
                after, entry = _handed_over(read.row, done, settled, self.clock())
            else:
                after, entry = read.row.happened(happening, self.clock(), export=done)
            move = Move(etag=read.etag, request=after, entry=entry, opens=[notice], closes=closes)
            await self.mover.commit(move, also_send=[nudge(after)] if goes_on else [])

        try:
            await end(case.request)
        except StaleState:
            await self.mover.on_newest(request_id, end)
        await self._tidy(case)

    async def _tidy(self, case: Case) -> None:
        """Delete the fragments a package was made of; the sweep finds any that a crash leaves."""
        names = [fragment.name for fragment in _fragments(case)]
        if case.request.row.review is not None:
            request_id = case.request.row.id
            names += [one for one in await self.fragments.names(request_id) if one.startswith(held_under(request_id))]
        await self.fragments.delete(names)


def _fragments(case: Case) -> list[Fragment]:
    return [fragment for task in case.of(Work.EXPORT) for fragment in task.fragments]


def _handed_over(request: Request, package: Export, settled: State, at: datetime) -> tuple[Request, Entry]:
    """Return a request whose copy is there and whose other parts are still to come."""
    state = State.HANDED_OVER
    parts = tuple(
        part.model_copy(update={"state": settled if part.right in COPIES else state}) for part in request.parts
    )
    erasure = request.erasure and request.erasure.model_copy(update={"handed_over_at": at})
    return request.happened(Happening.HANDED_OVER, at, export=package, parts=parts, erasure=erasure)
