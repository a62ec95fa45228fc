"""What an erasure decides, dataset by dataset, and what each service shows for it.

A plan is a pure function of the data map, the request, its holds and a dry run's counts. What runs is that plan and
nothing else: it is stored with its hash, and whatever does not fit it any more stops the erasure for a person to look.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.domain.data_map import DataMap, Dataset, Exemption, Service

HELD = "hold"  # the exemption of a dataset that a legal hold keeps, until the hold ends

type Verified = Literal["looked_again", "service_statement", "vendor_statement", "operator_evidence"]


class Action(StrEnum):
    """What happens to a dataset's records of one person."""

    DELETE = "delete"
    ANONYMISE = "anonymise"
    RETAIN = "retain"


class _Row(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True)


class Decision(_Row):
    """What is decided for one dataset of one part of a request.

    `count` is what the dry run found, None where the system cannot tell. `exemption` is the ground of GDPR Art. 17(3)
    on which records are retained, `until` the last day of that at the latest, None where nobody can tell yet. Waves are
    worked through in order. `definition` is the hash of what the map said of service and dataset.
    """

    part: int
    service: str
    dataset: str
    action: Action
    count: int | None
    exemption: str | None = None
    until: date | None = None
    wave: int = 0
    definition: str
    recipients: tuple[str, ...] = ()


class ErasurePlan(_Row):
    """The decisions of one erasure, in the map's order."""

    map_version: str
    decisions: tuple[Decision, ...]

    @property
    def hash(self) -> str:
        """SHA-256 over the plan's canonical JSON: what an approval is bound to."""
        told = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def waves(self) -> list[int]:
        """The waves in which something is erased, in order."""
        return sorted({one.wave for one in self.decisions if one.action is not Action.RETAIN})


class ErasureReceipt(_Row):
    """What one service shows for one dataset: what was done, to how many records, how, when, and how it was verified.

    Zero is a receipt as well. `method` names the logical deletion: never a purge of the medium.
    """

    dataset: str
    action: Action
    count: int
    method: str
    at: AwareDatetime
    verified: Verified


class Found(_Row):
    """What a dry run found of one dataset: how many records, and the recipients they went to, by id."""

    count: int | None = None
    recipients: frozenset[str] = frozenset()


def plan(
    data_map: DataMap,
    found: Mapping[tuple[int, str], Found],
    held: Collection[tuple[int, str]],
    at: datetime,
) -> ErasurePlan:
    """Decide for every dataset that was searched. Pure: the same input, the same plan.

    `found` and `held` are by part and dataset; `at` fixes until when records are retained.
    """
    waves = data_map.waves()
    parts = sorted({part for part, _ in found})
    return ErasurePlan(
        map_version=data_map.version,
        decisions=tuple(
            _decision(part, service, dataset, found[part, dataset.id], (part, dataset.id) in held, waves, at)
            for part in parts
            for service, dataset in data_map.datasets()
            if (part, dataset.id) in found
        ),
    )


def drift(service: Service | None, decision: Decision, *, held: bool) -> str | None:
    """Return the code of what no longer fits a decision, None while the plan still holds."""
    dataset = next((one for one in service.datasets if one.id == decision.dataset), None) if service else None
    if service is None or dataset is None or definition(service, dataset) != decision.definition:
        return "map_changed"
    return "hold" if held and decision.exemption != HELD else None


def most_allowed(shown: int, factor: int, extra: int) -> int:
    """Return how many records may be there when it runs, of a dataset whose plan showed `shown`."""
    return max(factor * shown, shown + extra)


def definition(service: Service, dataset: Dataset) -> str:
    """Return a hash over what the map says of a dataset and of the service it lies in."""
    told = service.model_dump(mode="json", exclude={"datasets"}) | {"dataset": dataset.model_dump(mode="json")}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def retained_until(exemption: Exemption, at: datetime) -> date:
    """Return the last day on which a record that exists at `at` may be retained; fiscal years are calendar years."""
    if exemption.counted_from == "fiscal_year_end":
        return date(at.year + exemption.years, 12, 31)
    return date(at.year + exemption.years, at.month, min(at.day, 28))


def _decision(
    part: int,
    service: Service,
    dataset: Dataset,
    found: Found,
    held: bool,
    waves: Mapping[str, int],
    at: datetime,
) -> Decision:
    exemption = dataset.erasure.exemption
    action, ground, until = Action(dataset.erasure.action), None, None
    if held:
        action, ground = Action.RETAIN, HELD
    elif exemption is not None:
        ground, until = exemption.ground, retained_until(exemption, at)
    return Decision(
        part=part,
        service=service.id,
        dataset=dataset.id,
        action=action,
        count=found.count,
        exemption=ground,
        until=until,
        wave=waves[service.id],
        definition=definition(service, dataset),
        recipients=_told(dataset, found, action),
    )


def _told(dataset: Dataset, found: Found, action: Action) -> tuple[str, ...]:
    """Return the recipients that really received records which now go (GDPR Art. 19)."""
    if action is Action.RETAIN or found.count == 0:
        return ()
    asked: Sequence[str] = [one.id for one in dataset.recipients if one.id is not None and one.notify is not None]
    always = {one.id for one in dataset.recipients if one.notify is not None and one.notify.received is None}
    return tuple(one for one in asked if one in always or one in found.recipients)
