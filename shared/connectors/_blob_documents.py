"""Blobs that are one JSON document, of one person each."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.connectors._blob_removing import remove
from shared.connectors._blob_store import read_range
from shared.connectors._failures import azure_failures
from shared.connectors._position import parts_of, position_of
from shared.connectors._shape import Shape
from shared.connectors._ways import TENANT, Words, refusal, wanted
from shared.domain.data_map import Dataset
from shared.domain.errors import Permanent, Transient
from shared.domain.identity import Identifier
from shared.domain.json_path import parse_json
from shared.ports.connector import Counted, Erased, Erasure, Page

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

LARGEST = 16 * 1024 * 1024
NAME = frozenset({"name"})
VOCABULARY = {"json": Words(needs=NAME, bounds=NAME)}
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What a blob holds. `is_theirs` says that by its name all of it is the person's, what cannot be read included."""

    theirs: Sequence[Mapping[str, Any]] = ()
    others: int = 0
    unreadable: int = 0
    is_theirs: bool = False

    @property
    def count(self) -> int:
        return len(self.theirs) + (self.unreadable if self.is_theirs else 0)


@dataclass(slots=True)
class _Name:
    """A name a document may have: the tenants whose records are looked for in it, and whether it says the tenant."""

    says_tenant: bool
    tenants: set[str | None]

    def held(self, data: bytes, column: str | None) -> _Held:
        """Read a document; a list in it is a record for each of its objects."""
        try:
            document = parse_json(data) if len(data) <= LARGEST else None
        except ValueError:
            document = None
        objects = document if isinstance(document, list) else [document]
        readable = [one for one in objects if isinstance(one, dict)]
        anyone = column is None or None in self.tenants
        theirs = [one for one in readable if anyone or str(one.get(column) or "").lower() in self.tenants]
        return _Held(
            theirs=theirs,
            others=len(readable) - len(theirs),
            unreadable=len(objects) - len(readable),
            is_theirs=self.says_tenant,
        )


def check_documents(dataset: Dataset) -> None:
    """Refuse a name that is the same for all people, and to anonymise what has a person's name.

    Raises:
        DataMapInvalid: names the dataset and the setting.
    """
    for way in dataset.found_by:
        if "{value}" not in way.at["name"]:
            raise refusal(dataset, f"how: {way.how}: at.name", "holds no {value}, so it would be everyone's")
        if dataset.erasure.action == "anonymise":
            raise refusal(dataset, f"how: {way.how}", "the blob's name says whose it is, and cannot be anonymised")


async def export_documents(
    container: "ContainerClient", dataset: Dataset, identifiers: Sequence[Identifier], position: str | None
) -> AsyncIterator[Page]:
    """Yield one page for each document there could be."""
    shape = Shape(dataset)
    async for held, after in _held(container, dataset, identifiers, position):
        records = [shape.document(one) for one in held.theirs]
        yield Page(records=records, unreadable=held.unreadable, position=after)


async def count_documents(
    container: "ContainerClient", dataset: Dataset, identifiers: Sequence[Identifier], position: str | None
) -> AsyncIterator[Counted]:
    """Yield one step for each document there could be."""
    async for held, after in _held(container, dataset, identifiers, position):
        yield Counted(count=held.count, position=after)


async def erase_documents(
    container: "ContainerClient",
    dataset: Dataset,
    identifiers: Sequence[Identifier],
    erasure: Erasure,
    position: str | None,
) -> AsyncIterator[Erased]:
    """Yield one step for each document there could be; each is deleted as it was read, or not at all.

    Raises:
        Permanent: `document_shared`, it holds what is another's too.
    """
    names, start = _names(dataset, identifiers), _start(position)
    if start >= len(names):
        yield Erased()
    for step, (name, said) in list(enumerate(names.items()))[start:]:
        held = await _erase(container, name, said, dataset.tenant_field, erasure)
        unreadable = 0 if held.is_theirs else held.unreadable
        after = position_of(step + 1) if step + 1 < len(names) else None
        yield Erased(count=held.count, unreadable=unreadable, position=after)


async def _held(
    container: "ContainerClient", dataset: Dataset, identifiers: Sequence[Identifier], position: str | None
) -> AsyncIterator[tuple[_Held, str | None]]:
    names, start = _names(dataset, identifiers), _start(position)
    if start >= len(names):
        yield _Held(), None
    for step, (name, said) in list(enumerate(names.items()))[start:]:
        data = await _whole(container, name)
        after = position_of(step + 1) if step + 1 < len(names) else None
        yield said.held(data, dataset.tenant_field) if data is not None else _Held(), after


async def _erase(container: "ContainerClient", name: str, said: _Name, column: str | None, erasure: Erasure) -> _Held:
    for _ in range(_ATTEMPTS):
        try:
            with azure_failures():
                read = await container.get_blob_client(name).get_blob_properties()
            held = said.held(await read_range(container, name, 0, LARGEST + 1, read.etag), column)
            if held.count == 0:
                return held
            if held.others or (held.unreadable and not held.is_theirs):
                raise Permanent("document_shared")
            await erasure.may_proceed()
            return held if await remove(container, name, read.etag) else _Held()
        except Transient as failure:
            if failure.code == "gone_meanwhile":
                return _Held()
            if failure.code != "changed_meanwhile":
                raise
    raise Transient("changed_meanwhile")


def _names(dataset: Dataset, identifiers: Sequence[Identifier]) -> dict[str, _Name]:
    names: dict[str, _Name] = {}
    for one in wanted(dataset, identifiers):
        says_tenant = dataset.tenancy == "none" or TENANT in one.way.at["name"]
        for value in one.values:
            names.setdefault(one.fill("name", value), _Name(says_tenant, set())).tenants.add(one.tenant)
    return names


def _start(position: str | None) -> int:
    start: int = parts_of(position, 1)[0] if position else 0
    return start


async def _whole(container: "ContainerClient", name: str) -> bytes | None:
    try:
        return await read_range(container, name, 0, LARGEST + 1)
    except Transient as failure:
        if failure.code == "gone_meanwhile":  # nothing is held under this name
            return None
        raise
