"""The right to rectification: what is wrong is corrected, what is incomplete gets a statement put beside it."""

from shared.domain.ask import Ask
from shared.domain.data_map import Dataset
from shared.rights.specification import Asked, RightSpec


def outcome(dataset: Dataset, ask: Ask) -> Asked:
    """What the map lets a person say about themselves is corrected at once; the rest once somebody looked."""
    fields = {one.name: one for one in dataset.fields}
    wanted = [fields.get(one.field) for one in ask.corrections if one.dataset == dataset.id]
    if not wanted:
        stated = ask.statement is not None and not ask.corrections and ask.covers(dataset.id)
        return Asked.DECIDE if stated else Asked.NOT_APPLICABLE
    if all(one is not None and one.rectify == "self" for one in wanted):
        return Asked.DO
    if all(one is not None and one.rectify == "no" for one in wanted):
        return Asked.EXEMPT
    return Asked.DECIDE


RIGHT = RightSpec(
    code="rectification",
    legal_refs=("GDPR Art. 16", "GDPR Art. 19"),
    order=70,
    work="correction",
    outcome=outcome,
)
