"""What became of each dataset in a copy, as its package tells: what is there, what is not, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shared.domain.data_map import DataMap, Dataset, Service
from shared.domain.dossier import SHARED_ADDRESS, Dossier, searchable
from shared.domain.identity import EMAIL
from shared.domain.review import Sheet, tallied
from shared.domain.service_task import ServiceTask, TaskState, Work
from shared.ports.requests import Case
from shared.rights import discovered
from shared.rights.portability import BASES
from shared.rights.specification import Asked
from shared.use_cases.portable import FOLDER, PORTABILITY, datasets_of, schema_path
from shared.use_cases.writing_fragments import Indexed

type DatasetState = Literal[
    "included",
    "incomplete",
    "missing",
    "withheld",
    "nothing_found",
    "needs_sign_in",
    "needs_address",
    "not_asked",
    "right_not_applicable",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyStates:
    """One request's copies. `right` is `access` or `portability`: each tells of every dataset by itself."""

    case: Case
    dossier: Dossier
    data_map: DataMap
    right: str
    members: Sequence[Indexed]

    def told(self) -> list[dict[str, Any]]:
        """Return what is told of each dataset, in the map's order."""
        own_sources = self.data_map.own_sources()
        portable = self.right == PORTABILITY
        files_of: dict[str, list[Indexed]] = {}
        for one in self.members:
            if one.member.path.startswith(FOLDER) == portable:
                files_of.setdefault(one.dataset, []).append(one)
        return [
            self._dataset(service, dataset, files_of.get(dataset.id, []), own_sources)
            for service, dataset in datasets_of(self.data_map, self.case.request.row)
        ]

    def _dataset(
        self, service: Service, dataset: Dataset, files: Sequence[Indexed], own_sources: frozenset[str]
    ) -> dict[str, Any]:
        language = self.case.request.row.language
        sheets = self._sheets(dataset)
        state, reason = self._state(service, dataset, files, sheets, own_sources)
        tables = [one for one in files if one.name is None]
        told: dict[str, Any] = {
            "id": dataset.id,
            "right": self.right,
            "title": dataset.title.in_language(language),
            "service": service.id,
            "service_title": service.title.in_language(language),
            "state": state,
            "reason": reason,
            "records": sum(one.records for one in tables if one.member.path.endswith(".json")),
            "files": [
                {"path": one.member.path, "name": one.name, "size": one.member.size} for one in files if one.name
            ],
            "tables": [one.member.path for one in tables],
            "legal_basis": dataset.legal_basis,
            "excluded": _by_ground(tallied(sheets, "exclude")),
            "redacted": _by_ground(tallied(sheets, "redact")),
            "unreviewed": sum(sheet.unreviewed for sheet in sheets),
        }
        if self.right == PORTABILITY:
            return told | {"schema": schema_path(dataset) if tables else None, "withheld": {}}
        return told | {"role": service.role.value} | _information(dataset, language)

    def _sheets(self, dataset: Dataset) -> list[Sheet]:
        review = self.case.request.row.review
        return [] if review is None else review.of(dataset.id)

    def _state(
        self,
        service: Service,
        dataset: Dataset,
        files: Sequence[Indexed],
        sheets: Sequence[Sheet],
        own_sources: frozenset[str],
    ) -> tuple[DatasetState, str | None]:
        ask = self.dossier.ask(self.right)
        if not ask.covers(dataset.id):
            return "not_asked", None
        if discovered()[self.right].outcome(dataset, ask) is Asked.NOT_APPLICABLE:
            return "right_not_applicable", "legal_basis" if dataset.legal_basis not in BASES else "origin"
        searched = self._searched(service, dataset, own_sources)
        failed = next((task for task in searched if task.state is TaskState.FAILED), None)
        if failed is not None:
            return ("incomplete" if files else "missing"), failed.reason
        if any(dataset.id in task.unreadable for task in searched):
            return ("incomplete" if files else "missing"), "unreadable_items"
        if any(sheet.unreviewed for sheet in sheets):
            return "incomplete", "not_reviewed"
        if searched or files:
            return ("included" if files else "withheld" if sheets else "nothing_found"), None
        return self._unopened(dataset)

    def _searched(self, service: Service, dataset: Dataset, own_sources: frozenset[str]) -> list[ServiceTask]:
        request = self.case.request.row
        found = []
        for task in self.case.of(Work.EXPORT):
            part = request.parts[task.part]
            # What is looked through is looked through once, whichever right found it.
            if task.service != service.id or (part.right != self.right and not dataset.review):
                continue
            if searchable(dataset, self.dossier.people[part.person], own=part.own, own_sources=own_sources):
                found.append(task)
        return found

    def _unopened(self, dataset: Dataset) -> tuple[DatasetState, str | None]:
        request = self.case.request.row
        if not dataset.opens:
            return "nothing_found", "kept_by_number"
        by_address = dataset.is_opened_by(EMAIL)
        if by_address and SHARED_ADDRESS in request.attention:
            return "missing", SHARED_ADDRESS
        if not request.signed_in and not by_address:
            return "needs_sign_in", None
        if self.dossier.email is None and by_address and dataset.tenancy == "none":
            return "needs_address", None
        return "nothing_found", None


def _information(dataset: Dataset, language: str) -> dict[str, Any]:
    """Return what GDPR Art. 15(1) and (2) ask to be told of a dataset."""
    return {
        "purposes": [purpose.in_language(language) for purpose in dataset.purposes],
        "categories": sorted({one.category for one in dataset.fields}),
        "source": dataset.source.in_language(language),
        "recipients": [
            {
                "name": one.name_in(language),
                "purpose": one.purpose.in_language(language),
                "country": one.country,
                "safeguard": one.safeguard.in_language(language) if one.safeguard else None,
            }
            for one in dataset.recipients
        ],
        "retention": {
            "days": dataset.retention.period.days,
            "counted_from": dataset.retention.counted_from,
            "action": dataset.retention.action,
            "source": dataset.retention.source.in_language(language),
        },
        "automated_decisions": (
            dataset.automated_decisions.in_language(language) if dataset.automated_decisions else None
        ),
        "profiling": dataset.profiling.in_language(language) if dataset.profiling else None,
        "withheld": {
            one.name: one.withhold.in_language(language) for one in dataset.fields if one.withhold is not None
        },
    }


def _by_ground(counted: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"ground": ground, "count": count} for ground, count in counted]
