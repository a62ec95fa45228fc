"""Remember of every address that was corrected that it was: for a while it proves nothing by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.data_map import DataMap, Dataset
from shared.domain.dossier import SEARCHED, Dossier
from shared.domain.errors import InvalidInput
from shared.domain.identity import EMAIL, Identifier, normalise
from shared.domain.service_task import Work
from shared.ports.requests import Case
from shared.use_cases.noting_account_events import NotingAccountEvents
from shared.use_cases.opening_stages import granted_values


@dataclass(frozen=True, slots=True, kw_only=True)
class NotingCorrections:
    """Asked once corrections are made, by whatever kind of system; again is no error."""

    noting: NotingAccountEvents

    async def __call__(self, case: Case, dossier: Dossier, data_map: DataMap) -> None:
        """Note every address that a request's corrections have put on record."""
        request = case.request.row
        datasets = {dataset.id: dataset for _, dataset in data_map.datasets()}
        for task in case.of(Work.RECTIFY):
            person = dossier.people[request.parts[task.part].person]
            values = granted_values(request, task.part, dossier, data_map)
            for name in (one for one, count in task.counts.items() if count and one in datasets and one in values):
                for address in _addresses(datasets[name], values[name]):
                    await self.noting.corrected(request.id, person, _before(person, name, address), address)


def _addresses(dataset: Dataset, values: dict[str, str]) -> list[str]:
    """Return the new values that addresses are read from, or records are found by as addresses."""
    fields = {edge.field for edge in dataset.yields if edge.identifier == EMAIL}
    fields |= {place for way in dataset.found_by if way.identifier == EMAIL for place in way.at.values()}
    found = []
    for field, value in values.items():
        if field in fields:
            try:
                found.append(normalise(EMAIL, value))
            except InvalidInput:
                continue
    return found


def _before(person: Sequence[Identifier], dataset: str, address: str) -> str | None:
    """Return the address that was on record before, that of the dataset itself first."""
    known = [one for one in person if one.kind == EMAIL and one.standing in SEARCHED and one.value != address]
    return next((one.value for one in sorted(known, key=lambda one: one.source != dataset)), None)
