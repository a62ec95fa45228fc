"""Withdrawing consent: at any time, as easily as it was given, for what is to come (GDPR Art. 7(3))."""

from shared.domain.ask import Ask
from shared.domain.data_map import Dataset
from shared.rights.specification import Asked, RightSpec


def outcome(dataset: Dataset, ask: Ask) -> Asked:
    """Only what rests on consent can be withdrawn; all of that, or the purposes named."""
    named = not ask.purposes or any(one.id in ask.purposes for one in dataset.purposes)
    return Asked.DO if dataset.legal_basis == "A6-1-a" and named and ask.covers(dataset.id) else Asked.NOT_APPLICABLE


RIGHT = RightSpec(
    code="withdraw_consent",
    legal_refs=("GDPR Art. 7(3)",),
    order=10,
    work="measure",
    outcome=outcome,
    assurance="as_given",
)
