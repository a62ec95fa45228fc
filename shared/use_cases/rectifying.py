"""One service's corrections: set what was granted, and look again that it says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.domain.corrected_values import says
from shared.domain.data_map import Dataset
from shared.domain.erasure import Found
from shared.domain.errors import Permanent, StaleState
from shared.domain.identity import Identifier
from shared.domain.json_path import strings_at, values_at
from shared.domain.references import References
from shared.domain.request import Request, RequestId
from shared.domain.service_task import ServiceTask, TaskState
from shared.domain.states import State
from shared.ports.connector import Record, Rectification, Ticket
from shared.ports.erasing import Holds
from shared.ports.requests import RequestStore, Versioned
from shared.ports.world import Clock
from shared.use_cases.opening_stages import granted_values, searches, task_command
from shared.use_cases.service_work import GivenWork, ServiceWork

HELD = "hold"
_LOOK_AGAIN_AFTER = timedelta(minutes=1)  # where a second look still found what was wrong
_LOOKS = 3


class _Position(BaseModel):
    """Where the next step goes on: correcting a dataset, or looking at it again; `wrong` says that one did not say so.

    `found` is what the look has found so far, `looks` how many there were.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    dataset: int = 0
    looking: bool = False
    at: str | None = None
    found: Found = Found(count=0)
    wrong: bool = False
    looks: int = 0


type _Granted = tuple[Dataset, list[Identifier], Mapping[str, str]]


@dataclass(slots=True)
class _Done:
    """What a task has to show so far."""

    counts: dict[str, int]
    found: dict[str, Found]
    unreadable: set[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectifying:
    """One bounded step of a correction.

    The value that was wrong is kept nowhere, neither in the history nor in the task: nothing justifies it. What was
    asked for lies sealed in the dossier until that goes.
    """

    requests: RequestStore
    work: ServiceWork
    holds: Holds
    references: References
    clock: Clock
    step_for: timedelta
    public_url: str

    async def step(self, request: Request, task: Versioned[ServiceTask]) -> Versioned[ServiceTask]:
        """Correct, and return the task as it is to be saved, with the ETag to save it under.

        Raises:
            Transient, Permanent: the service failed; `hold`, the records must stay as they are for now;
                `not_confirmed`, they do not say so although they were corrected.
            StaleState: the request was stopped.
        """
        until = self.clock() + self.step_for
        given = await self.work.of(request, task.row)
        wanted = self._granted(request, task.row, given)
        held = await self.holds.held(request.id, task.row.part)
        if any(dataset.id in held for dataset, _, _ in wanted):
            raise Permanent(HELD)
        position = given.position(task.row, _Position) or _Position()
        done = _Done(dict(task.row.counts), dict(task.row.found), set(task.row.unreadable))
        answer = None if task.row.answer is None else given.seal.unlock(task.row.answer)
        for number in range(position.dataset, len(wanted)):
            here = position if number == position.dataset else _Position(dataset=number)
            asked = self._asked(request, task.row, wanted[number][2], answer)
            left, ask_again = await self._dataset(given, wanted[number], asked, here, until, done)
            if left is not None:
                state: Literal[TaskState.PENDING, TaskState.WAITING] = TaskState.PENDING
                if ask_again is not None:
                    state = TaskState.WAITING
                look_at = None if ask_again is None else self.clock() + ask_again
                return self._saved(task, done, state=state, look_at=look_at, position=given.sealed(left))
            answer = None
        return self._saved(task, done, state=TaskState.DONE, look_at=None, position=None, ended_at=self.clock())

    def _granted(self, request: Request, task: ServiceTask, given: GivenWork) -> list[_Granted]:
        values = granted_values(request, task.part, given.dossier, given.data_map)
        found = searches(given.data_map, given.service, request.parts[task.part], given.dossier)
        return [(dataset, identifiers, values[dataset.id]) for dataset, identifiers in found if dataset.id in values]

    def _asked(
        self, request: Request, task: ServiceTask, values: Mapping[str, str], answer: bytes | None
    ) -> Rectification:
        name = task_command(request.id, task).task_id

        async def may_proceed() -> None:
            newest = (await self.requests.read(request.id)).row
            if newest.state is not State.APPLYING or newest.stage != task.stage:
                raise StaleState(RequestId(request.id))

        return Rectification(
            values=values,
            may_proceed=may_proceed,
            ticket=Ticket(
                id=name,
                callback_url=f"{self.public_url}/api/v1/callbacks/{name}",
                callback_token=self.references.callback_token(request.id, task.key, task.chunk),
            ),
            answer=answer,
        )

    async def _dataset(
        self,
        given: GivenWork,
        wanted: _Granted,
        asked: Rectification,
        position: _Position,
        until: datetime,
        done: _Done,
    ) -> tuple[_Position | None, timedelta | None]:
        """Go on with one dataset; return where to go on and after which time, None when it is well."""
        dataset, identifiers, values = wanted
        if not position.looking:
            async for step in given.connector.rectify(given.service, dataset, identifiers, asked, position.at):
                position = position.model_copy(update={"at": step.position})
                if step.ask_again is not None:
                    return position, step.ask_again
                if step.position is not None and self.clock() >= until:
                    return position, None
            position = _Position(dataset=position.dataset, looking=True, looks=position.looks)
        async for page in given.connector.export(given.service, dataset, identifiers, position.at):
            position = _looked(position, dataset, page.records, values, page.position)
            if page.unreadable:
                done.unreadable.add(dataset.id)
            if page.position is not None and self.clock() >= until:
                return position, None
        if position.wrong and position.looks + 1 >= _LOOKS:
            raise Permanent("not_confirmed")
        if position.wrong:
            return _Position(dataset=position.dataset, looks=position.looks + 1), _LOOK_AGAIN_AFTER
        done.counts[dataset.id] = position.found.count or 0
        done.found[dataset.id] = received(dataset, position.found)
        return None, None

    @staticmethod
    def _saved(task: Versioned[ServiceTask], done: _Done, **changes: object) -> Versioned[ServiceTask]:
        shown = {"counts": done.counts, "found": done.found, "unreadable": frozenset(done.unreadable), "answer": None}
        after = task.row.model_copy(update={**shown, "chunk": task.row.chunk + 1, **changes})
        return Versioned(row=after, etag=task.etag)


def _looked(
    position: _Position, dataset: Dataset, records: Sequence[Record], values: Mapping[str, str], at: str | None
) -> _Position:
    """Return a look with one more page of records, and the recipients that these went to."""
    fields = {one.notify.received for one in dataset.recipients if one.notify and one.notify.received}
    named = {name for record in records for field in fields for name in strings_at(record, field)}
    found = Found(count=(position.found.count or 0) + len(records), recipients=position.found.recipients | named)
    wrong = position.wrong or not all(_says(record, values) for record in records)
    return position.model_copy(update={"at": at, "found": found, "wrong": wrong})


def _says(record: Record, values: Mapping[str, str]) -> bool:
    held = [(list(values_at(record, field)), text) for field, text in values.items()]
    return all(there and all(says(one, text) for one in there) for there, text in held)


def received(dataset: Dataset, found: Found) -> Found:
    """Return what was found with the recipients, by id, that really received what is now corrected (GDPR Art. 19)."""
    told = frozenset(
        one.id
        for one in dataset.recipients
        if found.count
        and one.id is not None
        and one.notify is not None
        and (one.notify.received is None or one.id in found.recipients)
    )
    return Found(count=found.count, recipients=told)
