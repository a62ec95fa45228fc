"""What must not be done with a person's data: restrictions, objections and withdrawals in force, by opaque handle."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.domain.ask import RestrictionGround
from shared.domain.data_map import Dataset, Purpose

WEIGHED = ".weighed"  # how the id of a measure ends that stands while something is weighed

type MeasureKind = Literal["restriction", "objection", "withdrawal"]
type Level = Literal["user", "administrator", "partner"]


class _Row(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True)


class Measure(_Row):
    """One limit on processing that a person's right has set (GDPR Art. 7(3), 18, 21).

    `id` is `<request id>.<part>`, and one that is weighed ends in `.weighed`: putting it again changes nothing. It
    covers records of `datasets` in systems of `role`, uses for `purposes` and disclosures to `recipients`, by id of the
    data map; an empty tuple is all of them, but that with `recipients` nothing is covered but what goes to them. A
    `provisional` one stands while something is weighed. `tenant` is the customer's whose records it covers, None for
    Spinpanel's own.
    """

    id: str
    kind: MeasureKind
    role: Literal["controller", "processor"] = "controller"
    ground: RestrictionGround | None = None
    datasets: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    tenant: str | None = None
    provisional: bool = False
    since: AwareDatetime
    lifted_at: AwareDatetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Tell whether it holds at a moment."""
        return self.since <= at and (self.lifted_at is None or at < self.lifted_at)

    def is_of(self, request_id: str, part: int) -> bool:
        """Tell whether this part of a request has set it."""
        return self.id in {f"{request_id}.{part}", f"{request_id}.{part}{WEIGHED}"}

    def after(self, before: "Measure | None") -> "Measure":
        """Return this in place of the one that stood under its id: what has ended does not begin again."""
        if before is None or before.lifted_at is None:
            return self
        return self.model_copy(update={"lifted_at": min(before.lifted_at, self.lifted_at or before.lifted_at)})

    @property
    def keeps(self) -> bool:
        """Tell whether it keeps data from being erased: the person wants it kept (GDPR Art. 18(1)(b), (c))."""
        return self.kind == "restriction" and self.ground in {"18-1-b", "18-1-c"}

    @property
    def may_be_ended(self) -> bool:
        """Tell whether it may end without its person: a restriction, or an objection that was weighed (Art. 18(3))."""
        return self.kind == "restriction" or self.id.endswith(WEIGHED)

    def covers(self, role: str, dataset: str) -> bool:
        """Tell whether records of a dataset are covered, in a system of this role of Spinpanel's."""
        return self.role == role and (not self.datasets or dataset in self.datasets)


class Limits(_Row):
    """What all measures under one handle come to for one dataset, without saying who set which, or why.

    Where it is `restricted`, records are stored and nothing else. Otherwise they are not used for the purposes under
    `objections` and `withdrawals`, and not handed to `recipients`.
    """

    restricted: bool = False
    objections: tuple[str, ...] = ()
    withdrawals: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()


def limits(measures: Iterable[Measure], role: str, dataset: Dataset, at: datetime) -> Limits:
    """Return what may not be done with one dataset's records.

    An objection reaches direct marketing whatever it rests on, and else what rests on an interest; a withdrawal reaches
    what rests on consent.
    """
    alive = [one for one in measures if one.in_force(at) and one.covers(role, dataset.id)]
    objections: set[str] = set()
    withdrawals: set[str] = set()
    recipients: set[str] = set()
    for one in alive:
        named = [purpose for purpose in dataset.purposes if not one.purposes or purpose.id in one.purposes]
        if one.kind == "objection" and one.recipients:
            recipients.update(one.recipients)
        elif one.kind == "objection":
            objections.update(purpose.id for purpose in named if may_be_objected_to(dataset, purpose))
        elif one.kind == "withdrawal" and dataset.legal_basis == "A6-1-a":
            withdrawals.update(purpose.id for purpose in named)
    here = {one.id for one in dataset.recipients}
    return Limits(
        restricted=any(one.kind == "restriction" for one in alive),
        objections=tuple(sorted(objections)),
        withdrawals=tuple(sorted(withdrawals)),
        recipients=tuple(sorted(recipients & here)),
    )


def may_be_objected_to(dataset: Dataset, purpose: Purpose) -> bool:
    """Tell whether GDPR Art. 21 reaches a use: direct marketing always, and else what rests on an interest."""
    return purpose.direct_marketing or dataset.legal_basis == "A6-1-f"


class ConsentEvent(_Row):
    """One line of a person's record of consent, by ISO/IEC TS 27560: never changed, only followed by another.

    Without `dataset` it covers every dataset of the purpose. `notice` is the version of the privacy notice shown.
    """

    id: str
    purpose: str
    dataset: str | None = None
    level: Level = "user"
    state: Literal["ConsentGiven", "ConsentRefused", "ConsentWithdrawn", "ConsentExpired"]
    at: AwareDatetime
    notice: str | None = None
    request: str | None = None
