"""Requests held in memory, with the ETags and transactions of the real store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from shared.domain.erasure import ErasurePlan
from shared.domain.errors import AlreadyThere, NotFound, StaleState
from shared.domain.request import Entry, Request, RequestId
from shared.domain.service_task import ServiceTask
from shared.messages.commands import AnyCommand
from shared.ports.requests import Case, Move, Versioned


@dataclass(frozen=True, slots=True, kw_only=True)
class _Partition:
    request: Versioned[Request]
    history: tuple[Entry, ...]
    tasks: Mapping[str, Versioned[ServiceTask]] = field(default_factory=dict)
    open: Mapping[str, AnyCommand] = field(default_factory=dict)
    plan: ErasurePlan | None = None


class MemoryRequests:
    """A RequestStore. Every write replaces a whole partition, so that no reader sees half of it."""

    def __init__(self) -> None:
        self._partitions: dict[str, _Partition] = {}
        self._writes = 0

    async def create(self, request: Request, entry: Entry, opens: Sequence[AnyCommand]) -> None:
        """Write a new request."""
        if request.id in self._partitions:
            raise AlreadyThere(request.id)
        self._partitions[request.id] = _Partition(
            request=self._stamped(request), history=(entry,), open={command.key: command for command in opens}
        )

    async def read(self, request_id: RequestId) -> Versioned[Request]:
        """Read the request's row."""
        return self._partition(request_id).request

    async def load(self, request_id: RequestId) -> Case:
        """Read request, tasks and open commands."""
        found = self._partition(request_id)
        return Case(
            request=found.request,
            tasks=MappingProxyType(dict(sorted(found.tasks.items()))),
            open=MappingProxyType(dict(sorted(found.open.items()))),
            plan=found.plan,
        )

    async def read_task(self, request_id: RequestId, key: str) -> tuple[Versioned[Request], Versioned[ServiceTask]]:
        """Read the request's row and one task."""
        found = self._partition(request_id)
        if key not in found.tasks:
            raise NotFound(f"{request_id} task {key}")
        return found.request, found.tasks[key]

    async def commit(self, move: Move) -> None:
        """Apply one move."""
        found = self._partitions.get(move.request.id)
        if found is None or found.request.etag != move.etag:
            raise StaleState(move.request.id)
        kept = {key: command for key, command in found.open.items() if key not in move.closes}
        added = {task.key: self._stamped(task) for task in move.tasks if task.key not in found.tasks}
        self._partitions[move.request.id] = _Partition(
            request=self._stamped(move.request),
            history=(*found.history, move.entry),
            tasks={**found.tasks, **added},
            open={**kept, **{command.key: command for command in move.opens}},
            plan=move.plan or found.plan,
        )

    async def save_task(self, request_id: RequestId, task: ServiceTask, etag: str) -> str:
        """Replace one task's row."""
        found = self._partitions.get(request_id)
        if found is None or task.key not in found.tasks or found.tasks[task.key].etag != etag:
            raise StaleState(f"{request_id} task {task.key}")
        saved = self._stamped(task)
        self._partitions[request_id] = replace(found, tasks={**found.tasks, task.key: saved})
        return saved.etag

    async def open_tasks(self, request_id: RequestId, stage: str) -> int:
        """Count tasks that have not ended."""
        return sum(not task.row.state.has_ended for task in self._stage(request_id, stage).values())

    async def is_last(self, request_id: RequestId, task: ServiceTask) -> bool:
        """Tell whether this task ended last."""
        tasks = self._stage(request_id, task.stage)
        if await self.open_tasks(request_id, task.stage):
            return False
        return bool(tasks) and task.key == max(tasks, key=lambda one: int(tasks[one].etag[3:-1]))

    async def delete(self, request_id: RequestId) -> None:
        """Delete a request."""
        self._partitions.pop(request_id, None)

    async def history(self, request_id: RequestId) -> Sequence[Entry]:
        """Read the whole history."""
        found = self._partitions.get(request_id)
        return found.history if found else ()

    def _stage(self, request_id: RequestId, stage: str) -> dict[str, Versioned[ServiceTask]]:
        found = self._partitions.get(request_id)
        return {key: task for key, task in found.tasks.items() if task.row.stage == stage} if found else {}

    def _partition(self, request_id: RequestId) -> _Partition:
        if request_id not in self._partitions:
            raise NotFound(request_id)
        return self._partitions[request_id]

    def _stamped[T](self, row: T) -> Versioned[T]:
        self._writes += 1
        return Versioned(row=row, etag=f'W/"{self._writes}"')
