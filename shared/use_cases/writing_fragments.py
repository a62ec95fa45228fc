"""Write a fragment: finished ZIP members one after another, then their index, with bounded memory."""

import asyncio
import hashlib
import json
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from shared.domain.service_task import Fragment
from shared.domain.zip_format import DEFLATED, STORED, Member, local_header
from shared.ports.blobs import Blobs

BLOCK = 2 * 1024 * 1024
THREAD_FROM = 256 * 1024
_PROBE = 64 * 1024


class Indexed(NamedTuple):
    """A member with what the manifest tells of it. `name` and `media_type` are an original's own."""

    member: Member
    sha256: str
    dataset: str
    records: int
    name: str | None = None
    media_type: str | None = None


def index_bytes(members: list[Indexed]) -> bytes:
    """Return a fragment's index."""
    return zlib.compress(json.dumps([[*one.member, *one[1:]] for one in members]).encode(), 1)


def read_index(data: bytes) -> list[Indexed]:
    """Read a fragment's index."""
    return [Indexed(Member(*row[:5]), *row[5:]) for row in json.loads(zlib.decompress(data))]


@dataclass(slots=True, kw_only=True)
class MemberWriter:
    """One member being written. Large ones are staged block by block; their header is placed when sizes are known."""

    fragment: "FragmentWriter"
    path: str
    dataset: str
    name: str | None = None
    media_type: str | None = None
    compress: bool | None = True
    records: int = 0
    _size: int = 0
    _packed: int = 0
    _crc: int = 0
    _sha: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _deflate: "zlib._Compress | None" = None
    _pieces: list[bytes] = field(default_factory=list)
    _held: int = 0
    _blocks: list[int] = field(default_factory=list)

    async def write(self, data: bytes) -> None:
        """Add bytes. Whether an original is deflated is decided by how its first bytes take to it."""
        if self.compress is None:
            probe = data[:_PROBE]
            self.compress = len(zlib.compress(probe, 1)) < 0.95 * len(probe)
        if len(data) >= THREAD_FROM:
            await asyncio.to_thread(self._take, data)
        else:
            self._take(data)
        if self._held >= BLOCK:
            await self._stage()

    def _take(self, data: bytes) -> None:
        self._size += len(data)
        self._crc = zlib.crc32(data, self._crc)
        self._sha.update(data)
        if self.compress:
            if self._deflate is None:
                self._deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
            data = self._deflate.compress(data)
        self._hold(data)

    def _hold(self, data: bytes) -> None:
        if data:
            self._pieces.append(data)
            self._held += len(data)
            self._packed += len(data)

    async def _stage(self) -> None:
        self._blocks.append(await self.fragment.stage(b"".join(self._pieces)))
        self._pieces, self._held = [], 0

    async def close(self) -> None:
        """Finish the member and place it after those that were closed before."""
        if self._deflate is not None:
            self._hold(self._deflate.flush())
        method = STORED if self._deflate is None else DEFLATED
        member = Member(self.path, self._size, self._packed, self._crc, method)
        indexed = Indexed(member, self._sha.hexdigest(), self.dataset, self.records, self.name, self.media_type)
        await self.fragment.place(indexed, self._blocks, b"".join(self._pieces))


@dataclass(slots=True, kw_only=True)
class FragmentWriter:
    """One fragment being written under a name nobody else writes to."""

    blobs: Blobs
    name: str
    at: datetime
    members: list[Indexed] = field(default_factory=list)
    written: int = 0
    _order: list[int] = field(default_factory=list)
    _run: list[bytes] = field(default_factory=list)
    _run_size: int = 0
    _next: int = 0

    def member(self, path: str, dataset: str) -> MemberWriter:
        """Begin a deflated member."""
        return MemberWriter(fragment=self, path=path, dataset=dataset)

    def original(self, path: str, dataset: str, name: str, media_type: str) -> MemberWriter:
        """Begin a member that holds an original, deflated only where that makes it smaller."""
        return MemberWriter(fragment=self, path=path, dataset=dataset, name=name, media_type=media_type, compress=None)

    async def stage(self, data: bytes) -> int:
        """Stage bytes and return their block's number, whose place is not decided yet."""
        number = self._next
        self._next += 1
        await self.blobs.stage(self.name, number, data)
        return number

    async def place(self, indexed: Indexed, blocks: list[int], rest: bytes) -> None:
        """Place a finished member: header, its staged blocks, the rest of its bytes."""
        header = local_header(indexed.member, self.at)
        self.members.append(indexed)
        self.written += len(header) + indexed.member.packed_size
        self._hold(header)
        if blocks:
            await self._stage_run()
            self._order += blocks
        self._hold(rest)
        if self._run_size >= BLOCK:
            await self._stage_run()

    def _hold(self, data: bytes) -> None:
        if data:
            self._run.append(data)
            self._run_size += len(data)

    async def _stage_run(self) -> None:
        self._order.append(await self.stage(b"".join(self._run)))
        self._run, self._run_size = [], 0

    async def finish(self) -> Fragment | None:
        """Write what is left and make the blob; None when there was nothing to write."""
        if not self.members:
            return None
        index = index_bytes(self.members)
        self._hold(index)
        if self._order:
            await self._stage_run()
            await self.blobs.commit(self.name, self._order)
        else:
            await self.blobs.put(self.name, b"".join(self._run))
        return Fragment(name=self.name, members_size=self.written, index_size=len(index))
