"""The right of access: a copy of the data, and the information of GDPR Art. 15(1) and (2)."""

from shared.domain.ask import Ask
from shared.domain.data_map import Dataset
from shared.rights.specification import Asked, RightSpec


def outcome(dataset: Dataset, ask: Ask) -> Asked:
    """Everything is shown; where others' data stands in it, a person looks first (Art. 15(4))."""
    if not ask.covers(dataset.id):
        return Asked.NOT_APPLICABLE
    return Asked.DECIDE if dataset.review else Asked.DO


RIGHT = RightSpec(code="access", legal_refs=("GDPR Art. 15",), order=40, work="copy", outcome=outcome)
