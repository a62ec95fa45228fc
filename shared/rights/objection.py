"""The right to object: absolute against direct marketing, weighed where we or others have an interest."""

from shared.domain.ask import Ask
from shared.domain.data_map import Dataset
from shared.rights.specification import Asked, RightSpec


def outcome(dataset: Dataset, ask: Ask) -> Asked:
    """Direct marketing stops at once, whatever it rests on; otherwise only legitimate interest is weighed."""
    aimed = [one for one in dataset.purposes if not ask.purposes or one.id in ask.purposes]
    handed = not ask.recipients or any(one.id in ask.recipients for one in dataset.recipients)
    if not aimed or not handed or not ask.covers(dataset.id):
        return Asked.NOT_APPLICABLE
    named = bool(ask.purposes) or not ask.recipients  # a recipient alone: what goes there, not a use
    if named and any(one.direct_marketing for one in aimed):
        return Asked.DO
    return Asked.DECIDE if dataset.legal_basis == "A6-1-f" else Asked.NOT_APPLICABLE


RIGHT = RightSpec(
    code="objection",
    legal_refs=("GDPR Art. 21",),
    order=20,
    work="measure",
    outcome=outcome,
    assurance="as_given",
)
