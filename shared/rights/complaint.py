"""A complaint to us about how a request was handled: looked at by somebody who had no part in it."""

from shared.domain.ask import Ask
from shared.domain.data_map import Dataset
from shared.rights.specification import Asked, RightSpec


def outcome(dataset: Dataset, ask: Ask) -> Asked:  # noqa: ARG001 - it is about our handling, not about data
    """It asks nothing of any dataset."""
    return Asked.NOT_APPLICABLE


RIGHT = RightSpec(
    code="complaint",
    legal_refs=("GDPR Art. 12(2)", "GDPR Art. 77"),
    order=80,
    work="decision",
    outcome=outcome,
    assurance="address",
)
