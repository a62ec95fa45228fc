"""What a person may choose from where they ask for a right: datasets, purposes and fields of the data map."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.ask import EVERYTHING, Ask
from shared.domain.data_map import DataMap, Dataset
from shared.domain.request import Language
from shared.rights import discovered
from shared.rights.specification import Asked

_BY_DATASET = frozenset({"erasure", "restriction", "human_review"})
_BY_PURPOSE = frozenset({"objection", "withdraw_consent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing to choose, by its id and in words."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChoice:
    """One field that can be corrected: `<dataset>/<field>`, its category, and its name where that alone tells it."""

    id: str
    category: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldGroup:
    """The fields of one dataset that can be corrected."""

    title: str
    fields: tuple[FieldChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What can be chosen for one right. Where nothing is offered, the right is asked as a whole."""

    datasets: tuple[Choice, ...] = ()
    purposes: tuple[Choice, ...] = ()
    groups: tuple[FieldGroup, ...] = ()


def offered(right: str, data_map: DataMap, language: Language) -> Offer:
    """Return what a right can be asked of."""
    datasets = [dataset for _, dataset in data_map.datasets()]
    if right == "rectification":
        groups = (_group(dataset, language) for dataset in datasets)
        return Offer(groups=_by_title(group for group in groups if group.fields))
    if right in _BY_PURPOSE:
        texts = {
            one.id: one.in_language(language)
            for dataset in datasets
            for one in dataset.purposes
            if _reaches(right, dataset, Ask(purposes=(one.id,)))
        }
        return Offer(purposes=_by_title(Choice(id=one, title=text) for one, text in texts.items()))
    if right in _BY_DATASET:
        found = [one for one in datasets if _reaches(right, one, EVERYTHING)]
        return Offer(datasets=_by_title(Choice(id=one.id, title=one.title.in_language(language)) for one in found))
    return Offer()


def _reaches(right: str, dataset: Dataset, ask: Ask) -> bool:
    return discovered()[right].outcome(dataset, ask) is not Asked.NOT_APPLICABLE


def _group(dataset: Dataset, language: Language) -> FieldGroup:
    fields = [one for one in dataset.fields if one.rectify != "no" and one.withhold is None]
    count = Counter(one.category for one in fields)
    return FieldGroup(
        title=dataset.title.in_language(language),
        fields=tuple(
            FieldChoice(
                id=f"{dataset.id}/{one.name}",
                category=one.category,
                name=one.name if count[one.category] > 1 else None,
            )
            for one in fields
        ),
    )


def _by_title[T: (Choice, FieldGroup)](found: Iterable[T]) -> tuple[T, ...]:
    return tuple(sorted(found, key=lambda one: one.title.casefold()))
