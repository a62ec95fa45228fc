"""What one kind of system that holds personal data must be able to do."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.domain.data_map import Dataset, Service
from shared.domain.identity import Identifier

type Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An original that is handed over unaltered: a CV, a recording.

    `name` is the name it has in its store: shown to the person, never used as a path. `open` streams its bytes anew
    at every call. `size` in bytes.
    """

    name: str
    size: int
    media_type: str
    open: Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One step of a search: records and files, and where to go on.

    `position` continues the search after this page in another process, for the same dataset and identifiers; None
    says that this was the last page. It may carry keys: the caller seals it, and never logs it. `unreadable` counts
    stored items of this step that could not be read and so may be missing: the export says so.
    """

    records: Sequence[Record] = ()
    files: Sequence[File] = ()
    unreadable: int = 0
    position: str | None = field(default=None)


class Connector(Protocol):
    """One kind of system that holds personal data. Stateless between calls; safe to call from many tasks at once."""

    kind: str

    def check(self, service: Service, dataset: Dataset) -> None:
        """Refuse settings this connector cannot work with.

        Raises:
            DataMapInvalid: names the dataset and the setting.
        """
        ...

    def export(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        position: str | None = None,
    ) -> AsyncIterator[Page]:
        """Yield every record and file of the people these identifiers stand for, page by page.

        Only records that match an identifier exactly, in the way the dataset declares, inside the identifier's tenant
        where the dataset has one; each record once, whichever identifiers find it. A world-wide identifier finds
        records of every tenant, where the way asks for none. Records hold no field but those the dataset names, and
        of these the ones they have, values in JSON types; timestamps as ISO 8601 strings in UTC, binary as base64,
        64-bit and decimal numbers without loss. An unknown person is an empty page.

        Raises:
            Transient: may pass; try the same position again.
            Permanent: will not pass without a person; `code` says why.
        """
        ...
