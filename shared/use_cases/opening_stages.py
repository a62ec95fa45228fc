"""Which tasks a stage of a request is made of."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.domain.data_map import DataMap, Dataset, Service
from shared.domain.dossier import Dossier, searchable
from shared.domain.erasure import Action, ErasurePlan, Found
from shared.domain.identity import Identifier
from shared.domain.request import Part, Request, RequestId
from shared.domain.service_task import ServiceTask, TaskState, Work
from shared.domain.states import State
from shared.messages.commands import AnyCommand, RunServiceTask
from shared.ports.requests import Case
from shared.rights import discovered
from shared.rights.rectification import granted
from shared.rights.specification import Asked

RIGHTS_OF = {
    Work.EXPORT: frozenset({"access", "portability"}),
    Work.RECTIFY: frozenset({"rectification"}),
    Work.SURVEY: frozenset({"erasure"}),
}
RECIPIENTS = "recipients"  # the lane on which recipients are told
_TO_FIND_OUT = timedelta(hours=1)  # for a task to fail of a service that left the map, which has no limit any more


def searches(
    data_map: DataMap, service: Service, part: Part, dossier: Dossier
) -> list[tuple[Dataset, list[Identifier]]]:
    """Return the datasets of a service that are searched for one part, with the identifiers for each.

    A part reaches what its right asks something of, in systems of its own role: what Spinpanel holds as a customer's
    processor is never searched for a case of its own, nor the other way round.
    """
    if service.role != part.role:
        return []
    own_sources, person = data_map.own_sources(), dossier.people[part.person]
    right, ask = discovered()[part.right], dossier.ask(part.right)
    found = [
        (dataset, searchable(dataset, person, own=part.own, own_sources=own_sources))
        for dataset in service.datasets
        if right.outcome(dataset, ask) is not Asked.NOT_APPLICABLE
    ]
    return [(dataset, identifiers) for dataset, identifiers in found if identifiers]


def searching_tasks(
    work: Work, stage: str, data_map: DataMap, parts: Iterable[Part], dossier: Dossier, now: datetime
) -> list[ServiceTask]:
    """Return a task for every service that may hold something, for the parts whose right asks for this work."""
    tasks = []
    for number, part in enumerate(parts):
        if part.right not in RIGHTS_OF[work] or part.state.is_final:
            continue
        for service in data_map.services:
            datasets = searches(data_map, service, part, dossier)
            if datasets:
                found = {dataset.id: Found() for dataset, _ in datasets} if work is Work.SURVEY else {}
                tasks.append(
                    ServiceTask(
                        stage=stage,
                        part=number,
                        service=service.id,
                        work=work,
                        lane=service.lane,
                        due_at=now + service.time_limit,
                        found=found,
                    )
                )
    return tasks


def erasing_tasks(stage: str, wave: int, data_map: DataMap, plan: ErasurePlan, now: datetime) -> list[ServiceTask]:
    """Return a task for every service that one wave of the plan erases in."""
    decided: dict[tuple[int, str], list[int]] = {}
    for number, one in enumerate(plan.decisions):
        if one.wave == wave and one.action is not Action.RETAIN:
            decided.setdefault((one.part, one.service), []).append(number)
    tasks = []
    for (part, service_id), numbers in decided.items():
        service = data_map.service(service_id)
        tasks.append(
            ServiceTask(
                stage=stage,
                part=part,
                service=service_id,
                work=Work.ERASE,
                lane=service.lane if service else "stores",
                due_at=now + (service.time_limit if service else _TO_FIND_OUT),
                decisions=tuple(plan.decisions[number] for number in numbers),
            )
        )
    return tasks


def informing_tasks(stage: str, case: Case, now: datetime, within: timedelta) -> list[ServiceTask]:
    """Return a task for every recipient that really received what was now erased (GDPR Art. 19)."""
    told: dict[tuple[int, str], list[str]] = {}
    for task in case.of(Work.ERASE):
        shown = {one.dataset for one in task.receipts}
        for decision in task.decisions:
            for recipient in decision.recipients if decision.dataset in shown else ():
                datasets = told.setdefault((decision.part, recipient), [])
                if decision.dataset not in datasets:
                    datasets.append(decision.dataset)
    return [
        _word_to(stage, part, recipient, datasets, now + within) for (part, recipient), datasets in sorted(told.items())
    ]


def correcting_tasks(
    stage: str, data_map: DataMap, request: Request, dossier: Dossier, now: datetime
) -> list[ServiceTask]:
    """Return a task for every service in which something is to be corrected, by parts that were not refused."""
    tasks = searching_tasks(
        Work.RECTIFY,
        stage,
        data_map,
        [
            part.model_copy(update={"state": State.REFUSED}) if _is_refused(request, number) else part
            for number, part in enumerate(request.parts)
        ],
        dossier,
        now,
    )
    services = {service.id: {dataset.id for dataset in service.datasets} for service in data_map.services}
    return [
        task
        for task in tasks
        if not services[task.service].isdisjoint(granted_values(request, task.part, dossier, data_map))
    ]


def granted_values(request: Request, part: int, dossier: Dossier, data_map: DataMap) -> dict[str, dict[str, str]]:
    """Return what is to be corrected for a part of a request: by dataset, the fields and what they should say."""
    values: dict[str, dict[str, str]] = {}
    for one in granted(dossier.ask(request.parts[part].right), request.verdict(part), data_map, role=request.role):
        values.setdefault(one.dataset, {})[one.field] = one.value
    return values


def told_tasks(
    stage: str, data_map: DataMap, case: Case, dossier: Dossier, now: datetime, within: timedelta
) -> list[ServiceTask]:
    """Return a task for every recipient that is told of a correction or a restriction (GDPR Art. 19).

    Of recipients that only some records went to, those that a correction found are told.
    """
    told: dict[tuple[int, str], set[str]] = {}
    request = case.request.row
    for task in case.of(Work.RECTIFY):
        for name, found in task.found.items():
            for recipient in found.recipients:
                told.setdefault((task.part, recipient), set()).add(name)
    for number, part in enumerate(request.parts):
        if part.right != "restriction" or _is_refused(request, number):
            continue
        for recipient, names in told_of_restriction(data_map, part, dossier).items():
            told.setdefault((number, recipient), set()).update(names)
    return [
        _word_to(stage, part, recipient, datasets, now + within) for (part, recipient), datasets in sorted(told.items())
    ]


def told_of_restriction(data_map: DataMap, part: Part, dossier: Dossier) -> dict[str, set[str]]:
    """Return the recipients that are told of a restriction, by id, with the datasets that it concerns."""
    told: dict[str, set[str]] = {}
    for service in data_map.services:
        for dataset, _ in searches(data_map, service, part, dossier):
            for one in dataset.recipients:
                if one.id is not None and one.notify is not None and one.notify.received is None:
                    told.setdefault(one.id, set()).add(dataset.id)
    return told


def _is_refused(request: Request, number: int) -> bool:
    verdict = request.verdict(number)
    return verdict is not None and verdict.outcome in {"refused", "fee"}


def _word_to(stage: str, part: int, recipient: str, datasets: Iterable[str], due_at: datetime) -> ServiceTask:
    return ServiceTask(
        stage=stage,
        part=part,
        service=recipient,
        work=Work.INFORM,
        lane=RECIPIENTS,
        due_at=due_at,
        found={dataset: Found() for dataset in datasets},
    )


def task_command(request_id: RequestId, task: ServiceTask) -> RunServiceTask:
    """Return the command that an open task waits for."""
    return RunServiceTask.model_validate(
        {"request_id": request_id, "task": task.key, "lane": task.lane, "chunk": task.chunk}
    )


def unanswered(case: Case, now: datetime) -> list[AnyCommand]:
    """Return every command a request waits for: its open ones, and those of its running stage's tasks."""
    request: Request = case.request.row
    return [
        *case.open.values(),
        *(task_command(request.id, task.row) for task in case.stage(request.stage) if is_due(task.row, now)),
    ]


def is_due(task: ServiceTask, now: datetime) -> bool:
    """Tell whether a task's next step is ours now."""
    asks_again = task.state is TaskState.WAITING and task.look_at is not None and task.look_at <= now
    return task.state is TaskState.PENDING or asks_again
