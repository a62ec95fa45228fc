"""What services get to know of limits on processing, operators of their end, and people of their consents."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import AwareDatetime

from functions._views import Output
from shared.domain.measure import ConsentEvent
from shared.domain.request import Request

if TYPE_CHECKING:
    from shared.use_cases.looking_up import LookedUp


class ProcessingLimits(Output):
    """What holds for one identifier in one dataset, for `maxAgeSeconds`. The same for people nobody knows.

    `handle` stands for the identifier: the same at every look-up, and in events. `version` grows with every change.
    Where it is `restricted`, records may be stored and nothing else. Otherwise they may not be used for the purposes
    under `objections` and `withdrawals`, nor be handed to `recipients`; all are ids of the data map.
    """

    dataset: str
    handle: str
    version: int
    restricted: bool
    objections: list[str]
    withdrawals: list[str]
    recipients: list[str]
    max_age_seconds: int


class LookUpAnswer(Output):
    """An answer for each item that was asked, in their order."""

    items: list[ProcessingLimits]

    @classmethod
    def of(cls, found: Iterable["LookedUp"]) -> Self:
        """Tell a service what it may do."""
        return cls(
            items=[
                ProcessingLimits(
                    dataset=one.dataset,
                    handle=one.handle,
                    version=one.version,
                    restricted=one.limits.restricted,
                    objections=list(one.limits.objections),
                    withdrawals=list(one.limits.withdrawals),
                    recipients=list(one.limits.recipients),
                    max_age_seconds=int(one.max_age.total_seconds()),
                )
                for one in found
            ]
        )


class LiftingView(Output):
    """That the limits of a request end, and when; not before their person was told."""

    id: str
    lifts_at: AwareDatetime | None = None

    @classmethod
    def of(cls, request: Request) -> Self:
        """Tell an operator what they announced."""
        return cls(id=request.id, lifts_at=None if request.lifting is None else request.lifting.at)


class ConsentLine(Output):
    """One line of a record of consent, in the words of ISO/IEC TS 27560 where it has them.

    `purpose` and `piiInformation` are ids of the data map; without the second it is about every dataset of the purpose.
    """

    record_id: str
    purpose: str
    pii_information: str | None = None
    event_type: Literal["user", "administrator", "partner"]
    event_state: Literal["ConsentGiven", "ConsentRefused", "ConsentWithdrawn", "ConsentExpired"]
    event_time: AwareDatetime
    privacy_notice: str | None = None
    request_id: str | None = None

    @classmethod
    def of(cls, event: ConsentEvent) -> Self:
        """Tell of one line."""
        return cls(
            record_id=event.id,
            purpose=event.purpose,
            pii_information=event.dataset,
            event_type=event.level,
            event_state=event.state,
            event_time=event.at,
            privacy_notice=event.notice,
            request_id=event.request,
        )


class ConsentList(Output):
    """One's own record of consent, the oldest line first."""

    consents: list[ConsentLine]

    @classmethod
    def of(cls, events: Sequence[ConsentEvent]) -> Self:
        """Tell all of it."""
        return cls(consents=[ConsentLine.of(one) for one in events])
