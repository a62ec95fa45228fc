"""What a certificate says line by line: of every dataset what became of it, of every recipient what they were told.

No line claims more than a receipt shows. Where one person's tenants came to different ends, each end has its line.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args
from zoneinfo import ZoneInfo

from shared.domain.certificate import Copy, DatasetLine, DatasetOutcome, Line, RecipientLine, RecipientOutcome
from shared.domain.data_map import DataMap, Dataset, Service
from shared.domain.deadline import LEGAL_ZONE
from shared.domain.dossier import INCOMPLETE, SHARED_ADDRESS, Dossier, searchable
from shared.domain.erasure import Action, Decision, ErasureReceipt
from shared.domain.identity import EMAIL
from shared.domain.map_entry import Text
from shared.domain.request import Request
from shared.domain.service_task import ServiceTask, TaskState, Work
from shared.ports.requests import Case

NOT_PLANNED, NOT_DONE = "not_planned", "not_done"
_DONE: dict[Action, DatasetOutcome] = {Action.DELETE: "erased", Action.ANONYMISE: "anonymised"}
_FAULTS = {NOT_PLANNED, SHARED_ADDRESS}  # of what was not searched, and should have been
_PROOFS = ("operator_evidence", "vendor_statement", "service_statement", "looked_again")  # the weakest first
_ROUND = re.compile(r"[a-z]+(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A dataset, in the map or left of it."""

    id: str
    service_id: str
    service: Service | None
    dataset: Dataset | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """What one part's records of a dataset came to, or some of them."""

    outcome: DatasetOutcome
    count: int | None = None
    receipts: tuple[ErasureReceipt, ...] = ()
    reason: str | None = None
    exemption: str | None = None
    until: date | None = None

    @property
    def kind(self) -> tuple[object, ...]:
        """What it shares with another end of the same line."""
        return self.outcome, self.reason, self.exemption, self.until


def lines_of(case: Case, dossier: Dossier, data_map: DataMap) -> list[Line]:
    """Return the lines of a case's certificate: datasets in the map's order, then recipients."""
    lines: list[Line] = []
    for place in _places(case, data_map):
        ends = [one for number in _parts(case.request.row) for one in _ends(case, dossier, data_map, place, number)]
        lines += _lines(place, ends)
    return [*lines, *_recipient_lines(case, data_map)]


def is_fault(line: Line) -> bool:
    """Tell whether a line says that something was not done which should have been."""
    return isinstance(line, DatasetLine) and (line.outcome == "not_erased" or line.reason in _FAULTS)


def is_complete(lines: Iterable[Line], request: Request) -> bool:
    """Tell whether everything that was to be erased is, and everything that could be searched was."""
    return not any(map(is_fault, lines)) and not INCOMPLETE.intersection(request.attention)


def day(at: datetime) -> date:
    """Return the day a moment falls on in the Netherlands."""
    return at.astimezone(ZoneInfo(LEGAL_ZONE)).date()


def _parts(request: Request) -> list[int]:
    return [number for number, part in enumerate(request.parts) if part.right == "erasure"]


def _places(case: Case, data_map: DataMap) -> Iterator[_Place]:
    known = set()
    for service, dataset in data_map.datasets():
        known.add(dataset.id)
        if service.role == case.request.row.role:
            yield _Place(id=dataset.id, service_id=service.id, service=service, dataset=dataset)
    decided = case.plan.decisions if case.plan else ()
    left = {one.dataset: one.service for one in decided if one.dataset not in known}
    for dataset_id, service_id in left.items():
        yield _Place(id=dataset_id, service_id=service_id, service=data_map.service(service_id), dataset=None)


def _ends(case: Case, dossier: Dossier, data_map: DataMap, place: _Place, number: int) -> list[_End]:
    """Return what one part came to: erased in whole or in part, retained, or not even searched."""
    tasks = [
        task
        for task in case.of(Work.ERASE)
        if task.part == number and any(one.dataset == place.id for one in task.decisions)
    ]
    receipts = [one for task in tasks for one in task.receipts if one.dataset == place.id and one.action in _DONE]
    ends = _shown(receipts)
    decision = next(
        (one for one in (case.plan.decisions if case.plan else ()) if (one.part, one.dataset) == (number, place.id)),
        None,
    )
    if decision is None:
        return ends or [_unsearched(case.request.row, dossier, data_map, place.dataset, number)]
    if decision.action is Action.RETAIN:
        if decision.count != 0:
            return [*ends, _retained(decision)]
        return ends or [_End(outcome="nothing_found", count=0)]
    erasure = case.request.row.erasure
    newest = next((task for task in tasks if erasure and _round(task) == erasure.round), None)
    reason = _why_not_erased(newest, place.id)
    if reason is not None:
        found = newest.found.get(place.id) if newest else None
        count = found.count if found and found.count is not None else decision.count
        return [*ends, _End(outcome="not_erased", count=count, reason=reason)]
    return ends or [_End(outcome="nothing_found", count=0, receipts=tuple(receipts))]


def _shown(receipts: Sequence[ErasureReceipt]) -> list[_End]:
    """Return an end for each way in which records were erased."""
    ends = []
    for action, outcome in _DONE.items():
        found = tuple(one for one in receipts if one.action is action and one.count)
        if found:
            ends.append(_End(outcome=outcome, count=sum(one.count for one in found), receipts=found))
    return ends


def _why_not_erased(task: ServiceTask | None, dataset_id: str) -> str | None:
    if task is None:
        return NOT_DONE
    if any(one.dataset == dataset_id for one in task.receipts):
        return None
    return task.reason or NOT_DONE


def _retained(decision: Decision) -> _End:
    return _End(outcome="retained", count=decision.count, exemption=decision.exemption, until=decision.until)


def _unsearched(request: Request, dossier: Dossier, data_map: DataMap, dataset: Dataset | None, number: int) -> _End:
    """Say why nothing was searched: what the person proved does not open it, or it was not there yet."""
    part = request.parts[number]
    if dataset is not None and not dossier.ask(part.right).covers(dataset.id):
        return _End(outcome="not_searched", reason="not_asked")
    if dataset is None or searchable(
        dataset, dossier.people[part.person], own=part.own, own_sources=data_map.own_sources()
    ):
        return _End(outcome="not_searched", reason=NOT_PLANNED)
    by_address = dataset.is_opened_by(EMAIL)
    if by_address and SHARED_ADDRESS in request.attention:
        return _End(outcome="not_searched", reason=SHARED_ADDRESS)
    if not request.signed_in and not by_address and dataset.opens:
        return _End(outcome="not_searched", reason="needs_sign_in")
    if dossier.email is None and by_address and dataset.tenancy == "none":
        return _End(outcome="not_searched", reason="needs_address")
    return _End(outcome="not_searched", reason="no_identifier")


def _lines(place: _Place, ends: Sequence[_End]) -> list[DatasetLine]:
    """Return a line for each kind of end; having found nothing is worth one only where there is no more to say."""
    telling = [one for one in ends if one.outcome not in {"nothing_found", "not_searched"} or one.reason in _FAULTS]
    searched = [one for one in ends if one.outcome == "nothing_found"]
    chosen = telling or searched or ends[:1]
    return [
        _line(place, [one for one in chosen if one.kind == kind]) for kind in dict.fromkeys(one.kind for one in chosen)
    ]


def _line(place: _Place, ends: Sequence[_End]) -> DatasetLine:
    """Return one line for ends of one kind."""
    first = ends[0]
    counts = [one.count for one in ends]
    receipts = [one for end in ends for one in end.receipts]
    exemption = place.dataset.erasure.exemption if place.dataset else None
    sourced = exemption is not None and exemption.ground == first.exemption
    return DatasetLine(
        dataset=place.id,
        title=place.dataset.title if place.dataset else Text(en=place.id, nl=place.id),
        service=place.service_id,
        service_title=place.service.title if place.service else Text(en=place.service_id, nl=place.service_id),
        role=place.service.role if place.service else None,
        outcome=first.outcome,
        count=None if None in counts else sum(one or 0 for one in counts),
        method=", ".join(dict.fromkeys(one.method for one in receipts)) or None,
        at=day(max(one.at for one in receipts)) if receipts else None,
        verified=min((one.verified for one in receipts), key=_PROOFS.index, default=None),
        reason=first.reason,
        exemption=first.exemption,
        source=exemption.source if exemption and sourced else None,
        until=first.until,
        copies=_copies(place.service) if first.outcome in _DONE.values() else (),
    )


def _copies(service: Service | None) -> tuple[Copy, ...]:
    return tuple(Copy(kind=one.kind, days=one.kept_for.days) for one in service.copies) if service else ()


def _recipient_lines(case: Case, data_map: DataMap) -> list[RecipientLine]:
    known = data_map.recipients()
    told: dict[tuple[str, RecipientOutcome, str | None], list[ServiceTask]] = {}
    for task in case.of(Work.INFORM):
        told.setdefault((task.service, _answer(task), task.reason), []).append(task)
    return [
        RecipientLine(
            recipient=recipient,
            name=known[recipient].name if recipient in known else recipient,
            datasets=tuple(dict.fromkeys(dataset for task in tasks for dataset in sorted(task.found))),
            outcome=outcome,
            at=day(max(ended)) if (ended := [task.ended_at for task in tasks if task.ended_at]) else None,
            reason=reason,
        )
        for (recipient, outcome, reason), tasks in told.items()
    ]


def _answer(task: ServiceTask) -> RecipientOutcome:
    if task.state is not TaskState.DONE:
        return "not_reached"
    answers: dict[str | None, RecipientOutcome] = {one: one for one in get_args(RecipientOutcome.__value__)}
    return answers.get(task.outcome, "told")


def _round(task: ServiceTask) -> int:
    found = _ROUND.match(task.stage)
    return int(found[1]) if found else 0
