"""The right to rectification: what is wrong is corrected, what is incomplete gets a statement put beside it."""

from shared.domain.ask import Ask, Correction
from shared.domain.data_map import DataField, DataMap, Dataset
from shared.domain.errors import InvalidInput
from shared.domain.request import Part
from shared.domain.verdict import Verdict
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


def check_corrections(ask: Ask, data_map: DataMap, place: str) -> None:
    """Refuse corrections of what the map does not name, or of what nobody is ever shown.

    Raises:
        InvalidInput: says at which place, and never repeats what was sent.
    """
    named: set[tuple[str, str]] = set()
    for number, one in enumerate(ask.corrections):
        at = f"{place}.{number}"
        field = _field(one, data_map)
        if field is None or field.withhold is not None:
            raise InvalidInput(at, "not a field of the data map that can be corrected")
        if (one.dataset, one.field) in named:
            raise InvalidInput(at, "named twice")
        named.add((one.dataset, one.field))


def needs_decision(part: Part, ask: Ask, data_map: DataMap) -> bool:
    """Tell whether a person decides what a part asks: a statement, or anything but fields people say themselves.

    Corrections of what lies in systems of the other role alone leave this part nothing to decide.
    """
    if ask.statement is not None or not ask.corrections:
        return True
    asked = {outcome(dataset, ask) for service, dataset in data_map.datasets() if service.role == part.role}
    return not asked <= {Asked.DO, Asked.NOT_APPLICABLE}


def granted(
    ask: Ask, verdict: Verdict | None, data_map: DataMap, *, role: str = "controller"
) -> tuple[Correction, ...]:
    """Return the corrections that are made, never of a field that is a record of what was.

    Without a decision those that the map leaves to the person; with one those it grants. In a customer's case (`role`
    is `processor`) all: it is worked on only once the customer granted it, or where its terms instruct us.
    """
    if verdict is not None and verdict.outcome not in {"granted", "partly"}:
        return ()
    found: list[Correction] = []
    for number, one in enumerate(ask.corrections):
        field = _field(one, data_map)
        if field is None or field.withhold is not None or field.rectify == "no":
            continue
        if verdict is None and role == "controller" and field.rectify != "self":
            continue
        if verdict is not None and verdict.outcome == "partly" and number not in verdict.corrections:
            continue
        found.append(one)
    return tuple(found)


def _field(one: Correction, data_map: DataMap) -> DataField | None:
    fields = (field for _, dataset in data_map.datasets() if dataset.id == one.dataset for field in dataset.fields)
    return next((field for field in fields if field.name == one.field), None)


RIGHT = RightSpec(
    code="rectification",
    legal_refs=("GDPR Art. 16", "GDPR Art. 19"),
    order=70,
    work="correction",
    outcome=outcome,
)
