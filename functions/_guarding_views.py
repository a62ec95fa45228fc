"""What callers get to see of doubts, proofs and authority: never who somebody is."""

from typing import Literal, Self

from functions._views import Output
from shared.domain.request import Request


class Stopped(Output):
    """A request that was stopped, for whoever stopped it: no more than that it is."""

    id: str
    status: Literal["stopped"] = "stopped"

    @classmethod
    def of(cls, request: Request) -> Self:
        """Tell of a request."""
        return cls(id=request.id)


class Agreed(Output):
    """A request after an operator's word about who asks. `waits_for_second`: another operator has to agree."""

    id: str
    status: str
    waits_for_second: bool
    attention: list[str]

    @classmethod
    def of(cls, request: Request) -> Self:
        """Tell of a request."""
        return cls(
            id=request.id,
            status=request.public,
            waits_for_second=request.proposal is not None,
            attention=list(request.attention),
        )
