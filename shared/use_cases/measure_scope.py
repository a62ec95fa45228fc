"""What a part of a request asks to be limited: the measures that it sets, and whether a person has to decide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.domain.ask import Ask
from shared.domain.data_map import DataMap, Dataset
from shared.domain.measure import WEIGHED, ConsentEvent, Measure
from shared.domain.request import Part, Request
from shared.rights import discovered
from shared.rights.specification import Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What follows from what was asked: at once, as far as nobody has to leave it; `decide` where somebody does.

    Something is to be decided where interests are weighed, and where a thing was named that the right does not reach:
    to refuse is a decision too.
    """

    measures: tuple[Measure, ...] = ()
    consents: tuple[ConsentEvent, ...] = ()
    decide: bool = False


def scope_of(request: Request, number: int, part: Part, ask: Ask, data_map: DataMap) -> Scope:
    """Return what one part asks, in the systems of its own role. Pure: the same input, the same scope.

    A customer has decided already what it hands us as its processor: nothing is weighed a second time.
    """
    right = discovered()[part.right]
    reached = [
        (service.role, dataset)
        for service, dataset in data_map.datasets()
        if right.outcome(dataset, ask) is not Asked.NOT_APPLICABLE
    ]
    here = [dataset for role, dataset in reached if role == part.role]
    ours = part.role == "controller"
    missed = ours and _misses(ask, [dataset for _, dataset in reached])
    blank = Measure(
        id=f"{request.id}.{number}",
        kind="restriction",
        role=part.role,
        datasets=tuple(one.id for one in here) if ask.datasets else (),
        since=request.received_at,
    )
    if not here:
        return Scope(decide=missed)
    if part.right == "restriction":
        return Scope(measures=(blank.model_copy(update={"ground": ask.ground}),), decide=missed)
    if part.right == "withdraw_consent":
        purposes = _ids(one.id for dataset in here for one in dataset.purposes if one.id in ask.purposes)
        withdrawn = blank.model_copy(update={"kind": "withdrawal", "purposes": purposes})
        return Scope(measures=(withdrawn,), consents=_withdrawn(blank, request, ask, here), decide=missed)
    final, weighed = _objected(blank.model_copy(update={"kind": "objection"}), ask, here)
    if weighed is not None and ours:
        weighed = weighed.model_copy(update={"provisional": True})
    measures = tuple(one for one in (final, weighed) if one is not None)
    return Scope(measures=measures, decide=missed or (ours and weighed is not None))


def _objected(blank: Measure, ask: Ask, here: Sequence[Dataset]) -> tuple[Measure | None, Measure | None]:
    """Return what stands at once and for good, and what is weighed, of an objection that reaches these datasets."""
    marketing = _ids(
        one.id
        for dataset in here
        for one in dataset.purposes
        if one.direct_marketing and (one.id in ask.purposes or not (ask.purposes or ask.recipients))
    )
    rest = [
        dataset
        for dataset in here
        if dataset.legal_basis == "A6-1-f"
        and any(
            (ask.recipients and not ask.purposes)
            or (not one.direct_marketing and (not ask.purposes or one.id in ask.purposes))
            for one in dataset.purposes
        )
    ]
    final = weighed = None
    if marketing:
        final = blank.model_copy(update={"purposes": marketing, "recipients": ask.recipients})
    if rest:
        weighed = blank.model_copy(
            update={
                "id": f"{blank.id}{WEIGHED}",
                "datasets": tuple(one.id for one in rest) if ask.datasets or ask.recipients else (),
                "purposes": _ids(one for one in ask.purposes if one not in marketing),
                "recipients": ask.recipients,
            }
        )
    return final, weighed


def _withdrawn(blank: Measure, request: Request, ask: Ask, here: Sequence[Dataset]) -> tuple[ConsentEvent, ...]:
    """Return a line of the record of consent for each purpose, and each dataset where datasets were named."""
    found = {
        (one.id, dataset.id if ask.datasets else None)
        for dataset in here
        for one in dataset.purposes
        if not ask.purposes or one.id in ask.purposes
    }
    return tuple(
        ConsentEvent(
            id=f"{blank.id}.{purpose}" + (f".{dataset}" if dataset else ""),
            purpose=purpose,
            dataset=dataset,
            state="ConsentWithdrawn",
            at=request.received_at,
            request=request.id,
        )
        for purpose, dataset in sorted(found, key=str)
    )


def _misses(ask: Ask, reached: Sequence[Dataset]) -> bool:
    """Tell whether something was named that the right does not reach anywhere."""
    purposes = {one.id for dataset in reached for one in dataset.purposes}
    recipients = {one.id for dataset in reached for one in dataset.recipients}
    return (
        not set(ask.datasets) <= {one.id for one in reached}
        or not set(ask.purposes) <= purposes
        or not set(ask.recipients) <= recipients
    )


def _ids(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(found)))
