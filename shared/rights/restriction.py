"""The right to restriction: data is kept and not used, on the person's word, until a person looked."""

from shared.domain.ask import Ask
from shared.domain.data_map import Dataset
from shared.rights.specification import Asked, RightSpec


def outcome(dataset: Dataset, ask: Ask) -> Asked:
    """Every dataset can be restricted, whatever it rests on."""
    return Asked.DO if ask.covers(dataset.id) else Asked.NOT_APPLICABLE


RIGHT = RightSpec(
    code="restriction",
    legal_refs=("GDPR Art. 18", "GDPR Art. 19"),
    order=30,
    work="measure",
    outcome=outcome,
    assurance="address",
)
