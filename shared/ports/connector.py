"""What one kind of system that holds personal data must be able to do."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, Protocol

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One step of a dry run. `count` is None where the system cannot tell without erasing; `position` as for a page."""

    count: int | None = 0
    position: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What one attempt at a task is known by outside: for systems that answer later.

    `id` is the task's name outside, the same at every attempt: a system that was asked before answers the same again.
    `callback_url` takes the answer, which carries `callback_token` in the header `X-Privacy-Callback`.
    """

    id: str
    callback_url: str
    callback_token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What a connector is asked to do to a dataset's records of one person.

    `may_proceed` is awaited right before anything is deleted or changed, at most a thousand records or one blob that
    holds them at a time; it raises where the request was stopped, and nothing is touched then. `answer` is what the
    system sent by itself since the last step, as it came.
    """

    action: Literal["delete", "anonymise"]
    may_proceed: Callable[[], Awaitable[None]]
    ticket: Ticket
    answer: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """One step of an erasure: how many records it deleted or anonymised, and where to go on.

    `position` goes on after this step, in another process too; None says that this was the last. With `ask_again`
    the system has taken the work over: nothing more is done before its answer came, or that time has passed.
    `stated` says that the count is the system's own statement, which a second look of ours cannot confirm.
    `unreadable` counts stored items that could not be read, and may be the person's: then the erasure is not proven.
    """

    count: int = 0
    position: str | None = None
    ask_again: timedelta | None = None
    stated: bool = False
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectification:
    """What a connector is asked to correct in a dataset's records of one person: fields, by name, and their new values.

    `may_proceed` is awaited right before anything is changed, and raises where the request was stopped.
    """

    values: Mapping[str, str] = field(repr=False)
    may_proceed: Callable[[], Awaitable[None]]
    ticket: Ticket
    answer: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectified:
    """One step of a correction: how many records now say what they should, and where to go on.

    `position` and `ask_again` are as for an erasure.
    """

    count: int = 0
    position: str | None = None
    ask_again: timedelta | None = None


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

    def count(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        position: str | None = None,
    ) -> AsyncIterator[Counted]:
        """Count what `erase` would find, step by step: the dry run before, and the second look after.

        Exactly what `export` finds, each record and file once, reading no more than it takes. What is surely theirs
        and cannot be read counts as one; what cannot be read and lies among other people's data does not count, or
        one broken item would leave nobody's erasure proven: `Erased.unreadable` tells of it.

        Raises:
            Transient, Permanent: as for an export.
        """
        ...

    def erase(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        erasure: Erasure,
        position: str | None = None,
    ) -> AsyncIterator[Erased]:
        """Delete or anonymise exactly what `export` finds, in steps that each stand by themselves.

        Repeats are harmless: what is gone is not found. Nobody else's record changes, by a byte or in its order. What
        several people share is changed under its ETag, or not at all. Anonymised is a record in which every field is
        as its `anonymise` says, and every key or column that the map does not name is gone too where that is known;
        afterwards `count` does not find it.

        Raises:
            Transient, Permanent: as for an export.
            StaleState, Drift: `may_proceed` said no.
        """
        ...

    def rectify(
        self,
        service: Service,
        dataset: Dataset,
        identifiers: Sequence[Identifier],
        rectification: Rectification,
        position: str | None = None,
    ) -> AsyncIterator[Rectified]:
        """Set fields in exactly the records that `export` finds, in steps that each stand by themselves.

        Repeats are harmless, and what says so already is not written to. Nothing else changes: no other field, nobody
        else's record, by a byte or in its order. A value takes the type that the field has: a number that is none is
        refused; a field that a record does not have yet is added. A field that is part of a key or says whose tenant's
        the record is never changes, and one that a way finds records by only where each of them is found by another of
        the identifiers given, through a way that reads no field which changes: `field_is_a_key`. So what `export` finds
        is the same before and after. Originals of files are handed over as they are, and never corrected.

        Raises:
            Transient, Permanent: as for an export; `value_does_not_fit`, `field_is_a_key`, and `not_rectifiable` where
                nothing of a dataset can be.
            StaleState, Drift: `may_proceed` said no.
        """
        ...
