"""A question of the supervisory authority about somebody's case, recorded by operators and answered to it."""

from shared.domain.ask import Ask
from shared.domain.data_map import Dataset
from shared.rights.specification import Asked, RightSpec


def outcome(dataset: Dataset, ask: Ask) -> Asked:  # noqa: ARG001 - it is about our handling, not about data
    """It asks nothing of any dataset."""
    return Asked.NOT_APPLICABLE


RIGHT = RightSpec(
    code="inquiry",
    legal_refs=("GDPR Art. 31", "GDPR Art. 58(1)"),
    order=90,
    work="decision",
    outcome=outcome,
    asked_by="operator",
)
