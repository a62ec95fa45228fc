"""Take in what a system outside calls back about an erasure it took over."""

from dataclasses import dataclass
from datetime import timedelta

from shared.domain.errors import Gone, InvalidInput, NotFound, StaleState, TooMany
from shared.domain.references import References
from shared.domain.request import RequestId
from shared.domain.service_task import ServiceTask, TaskState
from shared.domain.task_name import parse_task_id
from shared.messages.inputs import TaskOutcome
from shared.ports.case_keys import Seal
from shared.ports.requests import RequestStore, Versioned
from shared.ports.world import Limits
from shared.use_cases.caller import Caller
from shared.use_cases.moving import Mover
from shared.use_cases.opening_stages import task_command
from shared.use_cases.reading_dossiers import Dossiers

TIME_LIMIT = "time_limit"  # why a task waits for an operator that only took too long


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAnswerUseCase:
    """Keep the answer, sealed, and let the task go on. What it shows is judged by the task's connector."""

    requests: RequestStore
    dossiers: Dossiers
    references: References
    limits: Limits
    mover: Mover
    wrong_per_network: int
    window: timedelta

    async def __call__(self, caller: Caller, task_id: str, token: str, outcome: TaskOutcome) -> None:
        """Record the answer. The same one again changes nothing.

        Raises:
            NotFound: the token is not of this task; nothing is looked up then.
            TooMany: the network sends many wrong tokens.
            InvalidInput: it says that something was done, and of no dataset; nothing is recorded.
            Gone: `task_ended`, or it failed for good, and an operator has it.
            StaleState: the task is not waiting yet, or has another answer to go through first.
        """
        request_id, key = self._named(caller, task_id, token)
        if outcome.status == "done" and not outcome.datasets:
            raise InvalidInput("datasets", "missing")
        read, task = await self.requests.read_task(request_id, key)
        if not _is_open(task.row) or read.row.state.is_final:
            raise Gone("task_ended")
        _, seal = await self.dossiers.opened(read.row)
        told = outcome.model_dump_json().encode()
        row = task.row if _is_on_record(task.row, seal, told) else await self._record(request_id, task, seal, told)
        await self.mover.send([task_command(request_id, row)])

    def _named(self, caller: Caller, task_id: str, token: str) -> tuple[RequestId, str]:
        try:
            request_id, key = parse_task_id(task_id)
            if self.references.is_callback_token(request_id, key, token):
                return request_id, key
        except NotFound:
            pass
        wait = self.limits.admit("callback-network", caller.network, self.wrong_per_network, self.window)
        if wait is not None:
            raise TooMany(max(1, round(wait.total_seconds())))
        raise NotFound

    async def _record(
        self, request_id: RequestId, task: Versioned[ServiceTask], seal: Seal, told: bytes
    ) -> ServiceTask:
        if task.row.state is TaskState.PENDING:
            raise StaleState(task.row.key)
        changes = {"answer": seal.lock(told), "state": TaskState.PENDING, "look_at": None, "reason": None}
        after = task.row.model_copy(update=changes)
        await self.requests.save_task(request_id, after, task.etag)
        return after


def _is_open(task: ServiceTask) -> bool:
    """Tell whether an answer can still count: also one that took too long, until an operator has closed the task."""
    overdue = task.state is TaskState.MANUAL and task.reason == TIME_LIMIT
    return overdue or task.state in {TaskState.PENDING, TaskState.WAITING}


def _is_on_record(task: ServiceTask, seal: Seal, told: bytes) -> bool:
    return task.answer is not None and seal.unlock(task.answer) == told
