"""What each right does to a dataset by the law alone: for the public table, and for the lint that misses none."""

from collections.abc import Mapping

from shared.domain.ask import EVERYTHING, Ask, Correction
from shared.domain.data_map import DataMap, Dataset
from shared.rights import discovered
from shared.rights.specification import Asked, RightSpec

_STRONGEST_FIRST = (Asked.DO, Asked.DECIDE, Asked.EXEMPT, Asked.NOT_APPLICABLE)


def published_rights(data_map: DataMap) -> tuple[str, ...]:
    """Return the rights of persons that reach some dataset, in lawful order: a complaint is about none."""
    specs = sorted(discovered().values(), key=lambda one: one.order)
    return tuple(
        one.code
        for one in specs
        if one.asked_by == "person" and any(_reaches(one, dataset) for _, dataset in data_map.datasets())
    )


def behaviours(dataset: Dataset, rights: tuple[str, ...]) -> Mapping[str, Asked]:
    """Return what each of these rights asks of a dataset at most, where nobody narrows what they ask."""
    return {code: _at_most(discovered()[code], dataset) for code in rights}


def _reaches(right: RightSpec, dataset: Dataset) -> bool:
    return _at_most(right, dataset) is not Asked.NOT_APPLICABLE


def _at_most(right: RightSpec, dataset: Dataset) -> Asked:
    """Return the strongest outcome over everything, and where a right corrects, over each field."""
    asks = [EVERYTHING]
    if right.work == "correction":
        asks = [Ask(corrections=(Correction(dataset=dataset.id, field=one.name, value=""),)) for one in dataset.fields]
    outcomes = {right.outcome(dataset, ask) for ask in asks}
    return next(one for one in _STRONGEST_FIRST if one in outcomes)
