"""Items that a person looks through: held back by an export, shown page by page, and read again once decided."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.data_map import Dataset, Service
from shared.domain.identity import Identifier
from shared.domain.review import Decisions, Held, ItemDecision, Sheet
from shared.ports.blobs import Blobs
from shared.ports.connector import File, Page, Record
from shared.use_cases.redacting import redacted

ITEMS, BYTES = 200, 1024 * 1024  # of one sheet: it is closed at whichever comes first
_PIECE = 2 * 1024 * 1024


class HeldFile(BaseModel):
    """An original that is held back; `blob` holds its bytes."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    blob: str
    name: str
    size: int
    media_type: str


class Item(BaseModel):
    """One item: a record or an original."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    record: dict[str, Any] | None = Field(default=None, repr=False)
    file: HeldFile | None = Field(default=None, repr=False)


@dataclass(slots=True)
class _Open:
    lines: list[bytes] = field(default_factory=list)
    size: int = 0


@dataclass(slots=True, kw_only=True)
class HoldingBack:
    """What one step of an export holds back, under a name nobody else writes to."""

    blobs: Blobs
    name: str
    held: list[Held] = field(default_factory=list)
    written: int = 0
    _open: dict[str, _Open] = field(default_factory=dict)
    _blobs: int = 0

    async def add(self, dataset: Dataset, page: Page) -> None:
        """Hold a page's records and files back."""
        for record in page.records:
            await self._line(dataset.id, {"record": record})
        for file in page.files:
            held = await self._original(file)
            await self._line(dataset.id, {"file": held.model_dump()})

    async def finish(self) -> tuple[Held, ...]:
        """Write what is left and return what was held back."""
        for dataset in sorted(self._open):
            await self._close(dataset)
        return tuple(self.held)

    async def _line(self, dataset: str, item: Mapping[str, Any]) -> None:
        # Half a surrogate pair is no UTF-8: it stays the escape it was.
        line = json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")
        sheet = self._open.setdefault(dataset, _Open())
        sheet.lines.append(line)
        sheet.size += len(line) + 1
        self.written += len(line) + 1
        if len(sheet.lines) >= ITEMS or sheet.size >= BYTES:
            await self._close(dataset)

    async def _close(self, dataset: str) -> None:
        sheet = self._open.pop(dataset)
        name = self._next()
        await self.blobs.put(name, b"".join(line + b"\n" for line in sheet.lines))
        self.held.append(Held(name=name, dataset=dataset, items=len(sheet.lines), size=sheet.size))

    async def _original(self, file: File) -> HeldFile:
        name, pieces, held, size, blocks = self._next(), list[bytes](), 0, 0, 0
        async for data in file.open():
            pieces.append(data)
            held, size = held + len(data), size + len(data)
            if held >= _PIECE:
                await self.blobs.stage(name, blocks, b"".join(pieces))
                pieces, held, blocks = [], 0, blocks + 1
        if blocks:
            await self.blobs.stage(name, blocks, b"".join(pieces))
            await self.blobs.commit(name, range(blocks + 1))
        else:
            await self.blobs.put(name, b"".join(pieces))
        self.written += size
        return HeldFile(blob=name, name=file.name, size=size, media_type=file.media_type)

    def _next(self) -> str:
        self._blobs += 1
        return f"{self.name}/{self._blobs:05d}"


async def items_of(blobs: Blobs, sheet: Sheet) -> list[Item]:
    """Read a sheet's items, in their order: at most `ITEMS` of them.

    Raises:
        NotFound: it was deleted.
    """
    data = await blobs.read(sheet.name, 0, sheet.size)
    return await asyncio.to_thread(
        lambda: [Item.model_validate(json.loads(line)) for line in data.split(b"\n") if line]
    )


async def decisions_of(blobs: Blobs, sheet: Sheet) -> Decisions:
    """Read what was decided about a sheet's items."""
    if sheet.decisions is None:
        return Decisions()
    return Decisions.model_validate_json(await blobs.read(sheet.decisions, 0, sheet.decisions_size))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedItems:
    """What a review lets through, read as any store is: a sheet a page. What nobody decided about stays behind."""

    blobs: Blobs
    sheets: Sequence[Sheet]

    async def export(
        self,
        service: Service,  # noqa: ARG002 - the sheets are of this service
        dataset: Dataset,
        identifiers: Sequence[Identifier],  # noqa: ARG002 - the export before it searched with them
        position: str | None = None,
    ) -> AsyncIterator[Page]:
        """Yield the items of a dataset that are handed over, redacted where that was decided.

        Raises:
            NotFound: they were deleted.
            Transient: may pass.
        """
        given = [one for one in self.sheets if one.dataset == dataset.id and one.gives]
        for number in range(int(position or 0), len(given)):
            sheet = given[number]
            decided = (await decisions_of(self.blobs, sheet)).items
            items = await items_of(self.blobs, sheet)
            let = [(item, decided[at]) for at, item in enumerate(items) if at in decided]
            further = str(number + 1) if number + 1 < len(given) else None
            yield Page(
                records=[_record(item.record, one) for item, one in let if item.record is not None and _given(one)],
                files=[self._file(item.file) for item, one in let if item.file is not None and _given(one)],
                position=further,
            )

    def _file(self, held: HeldFile) -> File:
        return File(
            name=held.name,
            size=held.size,
            media_type=held.media_type,
            open=lambda: self.blobs.stream(held.blob, 0, held.size),
        )


def _given(decision: ItemDecision) -> bool:
    return decision.decision != "exclude"


def _record(record: Record, decision: ItemDecision) -> Record:
    return redacted(record, decision.fields) if decision.decision == "redact" else record
