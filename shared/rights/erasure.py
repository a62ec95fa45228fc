"""The right to erasure: everything a person's proof opens is deleted, but for what a law asks us to keep."""

from shared.domain.ask import Ask
from shared.domain.data_map import Dataset
from shared.rights.specification import Asked, RightSpec


def outcome(dataset: Dataset, ask: Ask) -> Asked:
    """All of it or the datasets named; what a ground of GDPR Art. 17(3) keeps is retained, and said so."""
    if not ask.covers(dataset.id):
        return Asked.NOT_APPLICABLE
    return Asked.EXEMPT if dataset.erasure.action == "retain" else Asked.DO


RIGHT = RightSpec(
    code="erasure", legal_refs=("GDPR Art. 17", "GDPR Art. 19"), order=100, work="erasure", outcome=outcome
)
