"""The right to portability: what the person provided or produced, on consent or contract, for machines to read."""

from shared.domain.ask import Ask
from shared.domain.data_map import DataField, Dataset
from shared.rights.specification import Asked, RightSpec

BASES = frozenset({"A6-1-a", "A6-1-b"})
_PORTABLE = frozenset({"provided", "observed"})


def portable_fields(dataset: Dataset) -> tuple[DataField, ...]:
    """Return the fields that GDPR Art. 20(1) reaches: never what we derived, or what others brought about."""
    return tuple(one for one in dataset.fields if one.origin in _PORTABLE and one.withhold is None)


def outcome(dataset: Dataset, ask: Ask) -> Asked:
    """Only automated processing on consent or contract, and only of what the person brought about."""
    if not ask.covers(dataset.id) or dataset.legal_basis not in BASES or not portable_fields(dataset):
        return Asked.NOT_APPLICABLE
    return Asked.DECIDE if dataset.review else Asked.DO


RIGHT = RightSpec(code="portability", legal_refs=("GDPR Art. 20",), order=50, work="copy", outcome=outcome)
