"""The right to a person's look at what software decided or made of somebody: to be heard, and to contest."""

from shared.domain.ask import Ask
from shared.domain.data_map import Dataset
from shared.rights.specification import Asked, RightSpec


def outcome(dataset: Dataset, ask: Ask) -> Asked:
    """Where software decides, or makes a profile that decisions rest on, a named reviewer answers."""
    reached = dataset.automated_decisions is not None or dataset.profiling is not None
    return Asked.DECIDE if reached and ask.covers(dataset.id) else Asked.NOT_APPLICABLE


RIGHT = RightSpec(
    code="human_review",
    legal_refs=("GDPR Art. 22(3)",),
    order=60,
    work="decision",
    outcome=outcome,
    assurance="address",
)
