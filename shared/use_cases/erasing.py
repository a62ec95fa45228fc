"""Erase what the plan decided in one service: count, ask, delete, look again, and show a receipt for each dataset."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from shared.domain.data_map import Dataset
from shared.domain.erasure import Action, Decision, ErasureReceipt, Found, Verified, drift, most_allowed
from shared.domain.errors import Drift, Permanent, StaleState
from shared.domain.identity import Identifier
from shared.domain.references import References
from shared.domain.request import Request, RequestId
from shared.domain.service_task import ServiceTask, TaskState
from shared.domain.states import State
from shared.ports.connector import Erased, Erasure, Ticket
from shared.ports.erasing import Holds
from shared.ports.requests import RequestStore, Versioned
from shared.ports.world import Clock
from shared.use_cases.looking import Look, Looked
from shared.use_cases.opening_stages import searches, task_command
from shared.use_cases.service_work import GivenWork, ServiceWork


class _Position(BaseModel):
    """Where the next step goes on: counting all datasets first, then erasing one after another.

    `stated` is what the system said, so far, that it erased of the dataset, `unreadable` how many stored items it could
    not read: any of them may be the person's.
    """

    model_config = ConfigDict(defer_build=True, frozen=True)

    counting: Looked | None = None
    dataset: int = 0
    at: str | None = None
    stated: int = 0
    unreadable: int = 0

    def after(self, step: Erased) -> Self:
        """Return where the next step goes on."""
        return self.model_copy(
            update={
                "at": step.position,
                "stated": self.stated + step.count,
                "unreadable": self.unreadable + step.unreadable,
            }
        )


_STILL_THERE = timedelta(minutes=1)  # until what a second look still found is erased anew

type _Decided = Sequence[tuple[Decision, Dataset, list[Identifier]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """One service's erasure.

    What is there is counted, and that is recorded, before the first deletion: so a receipt's count is right however
    often a step is repeated, and nothing is touched where more is there than the plan showed.
    """

    requests: RequestStore
    work: ServiceWork
    holds: Holds
    references: References
    clock: Clock
    step_for: timedelta
    drift_factor: int
    drift_extra: int
    public_url: str

    async def step(self, request: Request, task: Versioned[ServiceTask]) -> Versioned[ServiceTask]:
        """Do one step and return the task as it is to be saved, with the ETag to save it under.

        Raises:
            Transient, Permanent: the service failed.
            Drift: what is there, or what the map says of it, no longer fits the plan.
            StaleState: the request was stopped, or somebody else does the same step.
        """
        given = await self.work.of(request, task.row)
        await self._must_fit(request, task.row, given)
        until = self.clock() + self.step_for
        identifiers = {
            one.id: found
            for one, found in searches(given.data_map, given.service, request.parts[task.row.part], given.dossier)
        }
        datasets = {dataset.id: dataset for dataset in given.service.datasets}
        decided = [(one, datasets[one.dataset], identifiers.get(one.dataset, [])) for one in task.row.decisions]
        position = given.position(task.row, _Position) or _Position(counting=Looked())
        if position.counting is not None:
            look = Look(given.connector, given.service, [one[1:] for one in decided], self.clock, until)
            found = dict(task.row.found)
            left = await look.go_on(position.counting, found)
            self._must_be_as_shown(task.row, found)
            position = _Position(counting=left)
            task = await self._counted(request, task, given, found, position)
            if left is not None:
                return task
        return await self._erase(request, task, given, decided, position, until)

    async def _must_fit(self, request: Request, task: ServiceTask, given: GivenWork) -> None:
        held = await self.holds.held(request.id, task.part)
        for one in task.decisions:
            code = drift(given.service, one, held=one.dataset in held)
            if code is not None:
                raise Drift(code, one.dataset)

    def _must_be_as_shown(self, task: ServiceTask, found: dict[str, Found]) -> None:
        for one in task.decisions:
            there = found[one.dataset].count if one.dataset in found else None
            if there is None or one.count is None:
                continue
            if there > most_allowed(one.count, self.drift_factor, self.drift_extra):
                raise Drift("count", one.dataset)

    async def _counted(
        self,
        request: Request,
        task: Versioned[ServiceTask],
        given: GivenWork,
        found: dict[str, Found],
        position: _Position,
    ) -> Versioned[ServiceTask]:
        """Put on record what is there, unless there is nothing at all: then nothing is ever deleted either."""
        after = task.row.model_copy(
            update={"found": found, "chunk": task.row.chunk + 1, "position": given.sealed(position)}
        )
        if position.counting is not None or all(one.count == 0 for one in found.values()):
            return Versioned(row=after, etag=task.etag)
        return Versioned(row=after, etag=await self.requests.save_task(request.id, after, task.etag))

    async def _erase(
        self,
        request: Request,
        task: Versioned[ServiceTask],
        given: GivenWork,
        decided: _Decided,
        position: _Position,
        until: datetime,
    ) -> Versioned[ServiceTask]:
        receipts = {one.dataset: one for one in task.row.receipts}
        answer = None if task.row.answer is None else given.seal.unlock(task.row.answer)
        for number in range(position.dataset, len(decided)):
            decision, dataset, identifiers = decided[number]
            here = position if number == position.dataset else _Position(dataset=number)
            held = task.row.found[decision.dataset].count
            if held == 0:
                receipts[decision.dataset] = self._receipt(decision, 0, given, "looked_again")
                continue
            erasure = self._asked(request, task.row, decision, answer)
            try:
                async for step in given.connector.erase(given.service, dataset, identifiers, erasure, here.at):
                    here = here.after(step)
                    if step.ask_again is not None:
                        return self._left(task, given, here, receipts, step.ask_again)
                    if step.position is not None and self.clock() >= until:
                        return self._left(task, given, here, receipts, None)
                shown = await self._verified(given, decision, dataset, identifiers, held, here)
            except (Permanent, Drift):
                if len(receipts) == len(task.row.receipts):
                    raise
                # What was done before is put on record first: the next step fails with that in hand.
                return self._left(task, given, _Position(dataset=number), receipts, None)
            if shown is None:
                return self._left(task, given, _Position(dataset=number), receipts, _STILL_THERE)
            answer = None
            receipts[decision.dataset] = shown
        ended = task.row.model_copy(
            update={
                "state": TaskState.DONE,
                "receipts": tuple(receipts.values()),
                "answer": None,
                "look_at": None,
                "position": None,
                "chunk": task.row.chunk + 1,
                "ended_at": self.clock(),
            }
        )
        return Versioned(row=ended, etag=task.etag)

    def _asked(self, request: Request, task: ServiceTask, decision: Decision, answer: bytes | None) -> Erasure:
        name = task_command(request.id, task).task_id
        return Erasure(
            action="anonymise" if decision.action is Action.ANONYMISE else "delete",
            may_proceed=self._may_proceed(request.id, task, decision),
            ticket=Ticket(
                id=name,
                callback_url=f"{self.public_url}/api/v1/callbacks/{name}",
                callback_token=self.references.callback_token(request.id, task.key, task.chunk),
            ),
            answer=answer,
        )

    def _may_proceed(
        self, request_id: RequestId, task: ServiceTask, decision: Decision
    ) -> Callable[[], Awaitable[None]]:
        async def ask() -> None:
            newest = (await self.requests.read(request_id)).row
            if newest.state is not State.ERASING or newest.stage != task.stage:
                raise StaleState(request_id)
            if decision.dataset in await self.holds.held(request_id, task.part):
                raise Drift("hold", decision.dataset)

        return ask

    async def _verified(
        self,
        given: GivenWork,
        decision: Decision,
        dataset: Dataset,
        identifiers: list[Identifier],
        held: int | None,
        done: _Position,
    ) -> ErasureReceipt | None:
        """Look again; None where something is still there. What cannot be looked at is the system's word.

        Raises:
            Permanent: `unreadable_items`, which nobody can tell from the person's.
        """
        if done.unreadable:
            raise Permanent("unreadable_items")
        remaining: int | None = 0
        async for step in given.connector.count(given.service, dataset, identifiers):
            remaining = None if remaining is None or step.count is None else remaining + step.count
        if remaining:
            return None
        if remaining is None:
            return self._receipt(decision, done.stated, given, "vendor_statement")
        return self._receipt(decision, max(held or 0, done.stated), given, "looked_again")

    def _receipt(self, decision: Decision, count: int, given: GivenWork, verified: Verified) -> ErasureReceipt:
        return ErasureReceipt(
            dataset=decision.dataset,
            action=decision.action,
            count=count,
            method=f"logical {decision.action.value}, {given.connector.kind}",
            at=self.clock(),
            verified=verified,
        )

    def _left(
        self,
        task: Versioned[ServiceTask],
        given: GivenWork,
        position: _Position,
        receipts: dict[str, ErasureReceipt],
        ask_again: timedelta | None,
    ) -> Versioned[ServiceTask]:
        """Return the task as it goes on later: at once, or when the system has answered."""
        state: Literal[TaskState.PENDING, TaskState.WAITING] = TaskState.PENDING
        if ask_again is not None:
            state = TaskState.WAITING
        after = task.row.model_copy(
            update={
                "state": state,
                "look_at": None if ask_again is None else self.clock() + ask_again,
                "receipts": tuple(receipts.values()),
                "answer": None,
                "position": given.sealed(position),
                "chunk": task.row.chunk + 1,
            }
        )
        return Versioned(row=after, etag=task.etag)
