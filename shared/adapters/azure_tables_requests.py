"""Requests in Azure Tables: a partition each, every move one entity-group transaction.

RowKeys: `event:<10 digits>` history, `outbox:<command key>` open commands, `plan`, `request`, `task:<key>`. They sort
in this order, so that one range reads a whole case without its history.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC
from functools import cache
from http import HTTPStatus
from itertools import batched
from typing import Annotated

from azure.data.tables import TableEntity
from pydantic import Field, TypeAdapter

from shared.adapters.azure_table import MOST_ROWS, AzureTable, Refused, etag_of
from shared.adapters.azure_tables_rows import packed, unpacked
from shared.adapters.azure_tables_transactions import Entity, Operation
from shared.domain.erasure import ErasurePlan
from shared.domain.errors import AlreadyThere, NotFound, StaleState
from shared.domain.request import Entry, Request, RequestId
from shared.domain.service_task import ServiceTask, TaskState
from shared.messages.commands import AnyCommand
from shared.ports.requests import Case, Move, Versioned

_REQUEST, _PLAN = "request", "plan"
_TASK, _EVENT, _OUTBOX = "task:", "event:", "outbox:"
_BEHIND = "~"  # sorts behind every character our keys use
_OWN_ROWS = 2  # of each move: the request and its line of history
_TRIES = 3


class AzureTablesRequests:
    """A RequestStore. The columns beside `data` are copies, for people who look and for filters."""

    def __init__(self, table: AzureTable) -> None:
        self._table = table

    async def create(self, request: Request, entry: Entry, opens: Sequence[AnyCommand]) -> None:
        """Write a new request."""
        rows = [_request_row(request), _entry_row(request.id, entry)]
        inserts = [Operation("insert", row) for row in rows]
        try:
            await self._table.transact([*inserts, *_opening(request.id, opens)])
        except Refused:
            raise AlreadyThere(request.id) from None

    async def read(self, request_id: RequestId) -> Versioned[Request]:
        """Read the request's row."""
        found = await self._table.get(request_id, _REQUEST)
        if found is None:
            raise NotFound(request_id)
        return Versioned(row=unpacked(Request, found, "dossier"), etag=etag_of(found))

    async def load(self, request_id: RequestId) -> Case:
        """Read request, tasks and open commands."""
        request: Versioned[Request] | None = None
        tasks: dict[str, Versioned[ServiceTask]] = {}
        opened: dict[str, AnyCommand] = {}
        plan: ErasurePlan | None = None
        async for row in self._table.query(
            "PartitionKey eq @id and RowKey ge @first", {"id": request_id, "first": _OUTBOX}
        ):
            key = row["RowKey"]
            if key == _REQUEST:
                request = Versioned(row=unpacked(Request, row, "dossier"), etag=etag_of(row))
            elif key.startswith(_TASK):
                tasks[key.removeprefix(_TASK)] = _task(row)
            elif key == _PLAN:
                plan = unpacked(ErasurePlan, row)
            else:
                opened[key.removeprefix(_OUTBOX)] = _commands().validate_json(row["data"])
        if request is None:
            raise NotFound(request_id)
        return Case(request=request, tasks=tasks, open=opened, plan=plan)

    async def read_task(self, request_id: RequestId, key: str) -> tuple[Versioned[Request], Versioned[ServiceTask]]:
        """Read the request's row and one task."""
        text = "PartitionKey eq @id and ( RowKey eq @request or RowKey eq @task )"
        wanted = {"id": request_id, "request": _REQUEST, "task": _TASK + key}
        found = {row["RowKey"]: row async for row in self._table.query(text, wanted)}
        if len(found) < len(wanted) - 1:
            raise NotFound(f"{request_id} task {key}")
        row = found[_REQUEST]
        request = Versioned(row=unpacked(Request, row, "dossier"), etag=etag_of(row))
        return request, _task(found[_TASK + key])

    async def commit(self, move: Move) -> None:
        """Apply one move.

        What a transaction has no room for is written around it, tasks and opened commands before it, closings after
        it: none of these means anything that the request's row does not say.
        """
        request_id = move.request.id
        tasks, opens, closes = list(move.tasks), list(move.opens), _closing(move)
        room = MOST_ROWS - _OWN_ROWS - (move.plan is not None)
        if len(tasks) + len(opens) + len(closes) > room:
            await self._add_tasks(request_id, tasks)
            tasks = []
        for some in batched(opens[room:], MOST_ROWS, strict=False):
            await self._table.transact(_opening(request_id, some))
        opens = opens[:room]
        room -= len(opens)
        await self._transact(move, tasks, opens, closes[: room - len(tasks)])
        for key in closes[room - len(tasks) :]:
            await self._table.delete(request_id, _OUTBOX + key)

    async def save_task(self, request_id: RequestId, task: ServiceTask, etag: str) -> str:
        """Replace one task's row."""
        return await self._table.replace(_task_row(request_id, task), etag)

    async def open_tasks(self, request_id: RequestId, stage: str) -> int:
        """Count tasks that have not ended."""
        return sum(not TaskState(row["state"]).has_ended for row in await self._stage(request_id, stage))

    async def is_last(self, request_id: RequestId, task: ServiceTask) -> bool:
        """Tell whether this task ended last."""
        rows = await self._stage(request_id, task.stage)
        if not rows or any(not TaskState(row["state"]).has_ended for row in rows):
            return False
        written = {row["RowKey"]: str(row.metadata["timestamp"]) for row in rows}
        return written.get(_TASK + task.key) == max(written.values())

    async def delete(self, request_id: RequestId) -> None:
        """Delete a request, its own row last: what is half deleted is still found, and deleted again."""
        rows = self._table.query("PartitionKey eq @id", {"id": request_id}, select=["RowKey"])
        keys = [row["RowKey"] async for row in rows]
        others = [key for key in keys if key != _REQUEST]
        for some in batched([*others, *(key for key in keys if key == _REQUEST)], MOST_ROWS, strict=False):
            try:
                await self._table.transact([Operation("delete", _keys_of(request_id, key)) for key in some])
            except Refused:  # another run deletes the same request just now
                raise StaleState(request_id) from None

    async def history(self, request_id: RequestId) -> Sequence[Entry]:
        """Read the whole history."""
        text = "PartitionKey eq @id and RowKey ge @first and RowKey lt @last"
        bounds = {"id": request_id, "first": _EVENT, "last": _EVENT + _BEHIND}
        return [unpacked(Entry, row) async for row in self._table.query(text, bounds)]

    async def _stage(self, request_id: RequestId, stage: str) -> list[TableEntity]:
        text = "PartitionKey eq @id and RowKey ge @first and RowKey lt @last"
        bounds = {"id": request_id, "first": f"{_TASK}{stage}.", "last": f"{_TASK}{stage}.{_BEHIND}"}
        return [row async for row in self._table.query(text, bounds, select=["RowKey", "state", "Timestamp"])]

    async def _transact(
        self, move: Move, tasks: Sequence[ServiceTask], opens: Sequence[AnyCommand], closes: Sequence[str]
    ) -> None:
        """Try the move; where a task is there already or a command is not open, try without that row."""
        request_id = move.request.id
        for _ in range(_TRIES):
            try:
                await self._table.transact(
                    [
                        Operation("replace", _request_row(move.request), move.etag),
                        Operation("insert", _entry_row(request_id, move.entry)),
                        *(Operation("insert", _task_row(request_id, task)) for task in tasks),
                        *([Operation("put", _plan_row(request_id, move.plan))] if move.plan else []),
                        *_opening(request_id, opens),
                        *(Operation("delete", _keys_of(request_id, _OUTBOX + key)) for key in closes),
                    ]
                )
            except Refused as refused:
                if refused.status == HTTPStatus.PRECONDITION_FAILED:
                    raise StaleState(request_id) from None
                there = await self._keys(request_id)
                left = [task for task in tasks if _TASK + task.key not in there]
                still = [key for key in closes if _OUTBOX + key in there]
                if (len(left), len(still)) == (len(tasks), len(closes)):
                    raise StaleState(request_id) from None
                tasks, closes = left, still
            else:
                return
        raise StaleState(request_id)

    async def _add_tasks(self, request_id: RequestId, tasks: Sequence[ServiceTask]) -> None:
        there = await self._keys(request_id)
        missing = [task for task in tasks if _TASK + task.key not in there]
        for some in batched(missing, MOST_ROWS, strict=False):
            try:
                await self._table.transact([Operation("insert", _task_row(request_id, task)) for task in some])
            except Refused:  # somebody else plans the same request just now
                raise StaleState(request_id) from None

    async def _keys(self, request_id: RequestId) -> set[str]:
        text = "PartitionKey eq @id and RowKey ge @first"
        rows = self._table.query(text, {"id": request_id, "first": _OUTBOX}, select=["RowKey"])
        return {row["RowKey"] async for row in rows}


def _keys_of(request_id: RequestId, row: str) -> Entity:
    return {"PartitionKey": request_id, "RowKey": row}


@cache
def _commands() -> TypeAdapter[AnyCommand]:
    return TypeAdapter(Annotated[AnyCommand, Field(discriminator="kind")])


def _closing(move: Move) -> list[str]:
    opened = {command.key for command in move.opens}
    return [key for key in dict.fromkeys(move.closes) if key not in opened]


def _opening(request_id: RequestId, commands: Iterable[AnyCommand]) -> list[Operation]:
    return [Operation("put", _command_row(request_id, command)) for command in commands]


def _request_row(request: Request) -> Entity:
    return {
        **_keys_of(request.id, _REQUEST),
        "state": request.state.value,
        "received_at": request.received_at.astimezone(UTC),
        "due_at": request.due_at.astimezone(UTC),
        **packed(request, "dossier"),
    }


def _task_row(request_id: RequestId, task: ServiceTask) -> Entity:
    return _keys_of(request_id, _TASK + task.key) | {"state": task.state.value} | packed(task, "position")


def _plan_row(request_id: RequestId, plan: ErasurePlan) -> Entity:
    return _keys_of(request_id, _PLAN) | packed(plan)


def _command_row(request_id: RequestId, command: AnyCommand) -> Entity:
    return _keys_of(request_id, _OUTBOX + command.key) | packed(command)


def _entry_row(request_id: RequestId, entry: Entry) -> Entity:
    return _keys_of(request_id, f"{_EVENT}{entry.seq:010}") | {"happening": entry.happening.value} | packed(entry)


def _task(row: TableEntity) -> Versioned[ServiceTask]:
    return Versioned(row=unpacked(ServiceTask, row, "position"), etag=etag_of(row))
