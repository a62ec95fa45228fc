"""Look what a service holds of a person, in bounded steps: the dry run of an erasure, and its second look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from shared.domain.data_map import Dataset, Service
from shared.domain.erasure import Found
from shared.domain.identity import Identifier
from shared.domain.json_path import strings_at
from shared.domain.request import Request
from shared.domain.service_task import ServiceTask, TaskState
from shared.ports.connector import Connector
from shared.ports.requests import Versioned
from shared.ports.world import Clock
from shared.use_cases.opening_stages import searches
from shared.use_cases.service_work import ServiceWork


class Looked(BaseModel):
    """Where a look goes on: which of the datasets, where in it, and what was found of it so far."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    dataset: int = 0
    at: str | None = None
    found: Found = Found(count=0)


@dataclass(frozen=True, slots=True)
class Look:
    """A look at one dataset after another, until time is up."""

    connector: Connector
    service: Service
    datasets: Sequence[tuple[Dataset, Sequence[Identifier]]]
    clock: Clock
    until: datetime

    async def go_on(self, looked: Looked, found: dict[str, Found]) -> Looked | None:
        """Look from a position on, adding finished datasets to `found`; return where to go on, None at the end."""
        for number in range(looked.dataset, len(self.datasets)):
            dataset, identifiers = self.datasets[number]
            here = looked if number == looked.dataset else Looked(dataset=number)
            left, one = await self._dataset(dataset, identifiers, here)
            if left is not None:
                return left
            found[dataset.id] = one
        return None

    async def _dataset(
        self, dataset: Dataset, identifiers: Sequence[Identifier], looked: Looked
    ) -> tuple[Looked | None, Found]:
        found = looked.found
        fields = {one.notify.received for one in dataset.recipients if one.notify and one.notify.received}
        if fields:
            async for page in self.connector.export(self.service, dataset, identifiers, looked.at):
                named = {one for record in page.records for field in fields for one in strings_at(record, field)}
                held = len(page.records) + len(page.files) + page.unreadable
                found = Found(count=(found.count or 0) + held, recipients=found.recipients | named)
                if page.position is not None and self.clock() >= self.until:
                    return looked.model_copy(update={"at": page.position, "found": found}), found
            return None, found
        async for step in self.connector.count(self.service, dataset, identifiers, looked.at):
            known = found.count is not None and step.count is not None
            found = Found(count=(found.count or 0) + (step.count or 0) if known else None)
            if step.position is not None and self.clock() >= self.until:
                return looked.model_copy(update={"at": step.position, "found": found}), found
        return None, found


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveying:
    """The dry run of one service: how many records there are, and who received them. Touches nothing."""

    work: ServiceWork
    clock: Clock
    step_for: timedelta

    async def step(self, request: Request, task: Versioned[ServiceTask]) -> Versioned[ServiceTask]:
        """Do one step and return the task as it is to be saved, with the ETag to save it under.

        Raises:
            Transient, Permanent: the service failed.
        """
        given = await self.work.of(request, task.row)
        part = request.parts[task.row.part]
        datasets = searches(given.data_map, given.service, part, given.dossier)
        found = dict(task.row.found)
        looked = given.position(task.row, Looked) or Looked()
        look = Look(given.connector, given.service, datasets, self.clock, self.clock() + self.step_for)
        left = await look.go_on(looked, found)
        done = left is None
        after = task.row.model_copy(
            update={
                "found": found,
                "state": TaskState.DONE if done else TaskState.PENDING,
                "ended_at": self.clock() if done else None,
                "chunk": task.row.chunk + 1,
                "position": given.sealed(left),
            }
        )
        return Versioned(row=after, etag=task.etag)
