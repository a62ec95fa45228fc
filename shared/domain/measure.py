"""What must not be done with a person's data: restrictions, objections and withdrawals in force, by opaque handle."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.domain.ask import RestrictionGround

type MeasureKind = Literal["restriction", "objection", "withdrawal"]
type Level = Literal["user", "administrator", "partner"]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True)


class Measure(_Row):
    """One limit on processing that a person's right has set (GDPR Art. 7(3), 18, 21).

    `id` is `<request id>.<part>`: putting it again changes nothing. It covers records of `datasets`, uses for
    `purposes` and disclosures to `recipients`, by id of the data map; an empty tuple is all of them. A `provisional`
    one stands while something is weighed. `tenant` is the customer's whose records it covers, None for Spinpanel's own.
    """

    id: str
    kind: MeasureKind
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
