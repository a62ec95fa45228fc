"""Where requests live: one partition each, moved in one transaction under the request's ETag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.erasure import ErasurePlan
from shared.domain.request import Entry, Request, RequestId
from shared.domain.service_task import ServiceTask, Work
from shared.messages.commands import AnyCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Versioned[T]:
    """A row as read, with the ETag a write must still find."""

    row: T
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A whole request as read at one moment: its row, its tasks by key, its open commands by key, and its newest plan.

    An open command is one whose work has not been recorded yet, sent or not: the outbox. Whoever records the work
    closes it in the same transaction, so an open command may be sent again at any time.
    """

    request: Versioned[Request]
    tasks: Mapping[str, Versioned[ServiceTask]]
    open: Mapping[str, AnyCommand]
    plan: ErasurePlan | None = None

    def stage(self, stage: str | None) -> list[Versioned[ServiceTask]]:
        """Return the tasks of one stage, in the order of their keys."""
        return [self.tasks[key] for key in sorted(self.tasks) if self.tasks[key].row.stage == stage]

    def of(self, work: Work) -> list[ServiceTask]:
        """Return the tasks of one kind of work over all stages, in the order of their keys."""
        return [self.tasks[key].row for key in sorted(self.tasks) if self.tasks[key].row.work is work]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One transaction on one request: its new row, a line of history, commands opened and closed, tasks added.

    With `plan` the newest erasure plan is replaced.
    """

    etag: str
    request: Request
    entry: Entry
    opens: Sequence[AnyCommand] = ()
    closes: Sequence[str] = ()
    tasks: Sequence[ServiceTask] = ()
    plan: ErasurePlan | None = None


class RequestStore(Protocol):
    """The requests. Every method names its request: there is no way to read across them."""

    async def create(self, request: Request, entry: Entry, opens: Sequence[AnyCommand]) -> None:
        """Write a new request with its first history entry and open commands, all or nothing.

        Raises:
            AlreadyThere: a request of this id exists.
        """
        ...

    async def read(self, request_id: RequestId) -> Versioned[Request]:
        """Read the request's row alone.

        Raises:
            NotFound: there is none.
        """
        ...

    async def load(self, request_id: RequestId) -> Case:
        """Read request, tasks and open commands in one query.

        Raises:
            NotFound: there is none.
        """
        ...

    async def read_task(self, request_id: RequestId, key: str) -> tuple[Versioned[Request], Versioned[ServiceTask]]:
        """Read the request's row and one task in one query.

        Raises:
            NotFound: the request or the task is not there.
        """
        ...

    async def commit(self, move: Move) -> None:
        """Apply one move, all or nothing.

        A move of more rows than one transaction takes (100) inserts its tasks first, in transactions of their own:
        tasks mean nothing until the request's row says so, and inserting one that is there changes nothing.
        Closing a command that is not open is no error.

        Raises:
            StaleState: the request's row is no longer the one that was read.
        """
        ...

    async def save_task(self, request_id: RequestId, task: ServiceTask, etag: str) -> str:
        """Replace one task's row and return its new ETag.

        Raises:
            StaleState: the task changed since it was read.
        """
        ...

    async def open_tasks(self, request_id: RequestId, stage: str) -> int:
        """Count the tasks of a stage that have not ended, in one query."""
        ...

    async def is_last(self, request_id: RequestId, task: ServiceTask) -> bool:
        """Tell, in one query, whether every task of this one's stage has ended and none was written after it.

        Of tasks that end together one hears yes, rarely two; whoever else sees them all ended need not act on it.
        """
        ...

    async def delete(self, request_id: RequestId) -> None:
        """Delete a request with everything in its partition; one that is gone is no error."""
        ...

    async def history(self, request_id: RequestId) -> Sequence[Entry]:
        """Read the whole history in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A request that is to be looked at again at `at`."""

    request_id: RequestId
    at: datetime


class Waits(Protocol):
    """The due index: one place for every wait, split by time. Tolerant of orphans and repeats."""

    async def add(self, request_id: RequestId, at: datetime) -> None:
        """Note that a request is to be looked at then. The same wait twice is one."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[Wait]:
        """Return the oldest waits whose time has come, at most `limit`."""
        ...

    async def remove(self, wait: Wait) -> None:
        """Remove a wait; one that is gone already is no error."""
        ...


class Deadlines(Protocol):
    """Requests by the day their answer is due, for operators."""

    async def add(self, request_id: RequestId, due_at: datetime) -> None:
        """Index a request. Twice is once."""
        ...

    async def between(
        self, first: datetime, last: datetime, limit: int, cursor: str | None = None
    ) -> tuple[Sequence[RequestId], str | None]:
        """Return requests due in a span, both ends in it, earliest first, and a cursor for the next page or None."""
        ...

    async def remove(self, request_id: RequestId, due_at: datetime) -> None:
        """Take a request out of the index; one that is not there is no error."""
        ...


class Subjects(Protocol):
    """Requests by the keyed reference of the person who proved to be their subject."""

    async def add(self, subject_ref: str, request_id: RequestId) -> None:
        """Index a request. Twice is once."""
        ...

    async def requests(self, subject_refs: Sequence[str]) -> Sequence[RequestId]:
        """Return the requests under any of these references (all live key versions), no order promised."""
        ...

    async def remove(self, subject_ref: str, request_id: RequestId) -> None:
        """Take a request out of the index; one that is not there is no error."""
        ...


class Exports(Protocol):
    """Which request an export belongs to."""

    async def add(self, export_id: str, request_id: RequestId) -> None:
        """Index an export. Twice is once."""
        ...

    async def request_of(self, export_id: str) -> RequestId:
        """Return the request.

        Raises:
            NotFound: no export has this id.
        """
        ...

    async def remove(self, export_id: str) -> None:
        """Take an export out of the index; one that is not there is no error."""
        ...
