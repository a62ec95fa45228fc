"""What an erasure asks of the world beside the stores: holds, brakes, and a signature for its certificate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from shared.domain.request import RequestId


class Holds(Protocol):
    """Legal holds, asked when a plan is made and again at the moment of disposal."""

    async def held(self, request_id: RequestId, part: int) -> frozenset[str]:
        """Return the datasets, by id, whose records of this part's person must be kept for now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """A brake that is on: for whose data, since when. `id` is a tenant's, or `own` for people whom no tenant knows."""

    id: str
    since: datetime


class Brakes(Protocol):
    """Stops erasures where there are suddenly too many, until an operator lets go."""

    async def is_on(self, brake_id: str) -> bool:
        """Tell whether this brake is on."""
        ...

    async def count(self, brake_id: str, limit: int, window: timedelta) -> bool:
        """Count one erasure; return False, and put the brake on, where that is one more than `limit` in the window."""
        ...

    async def on(self) -> Sequence[Brake]:
        """Return the brakes that are on, by id."""
        ...

    async def release(self, brake_id: str) -> None:
        """Let go, and count from nothing.

        Raises:
            NotFound: it is not on.
        """
        ...


class Turns(Protocol):
    """One erasure of a person at a time: two at once would each count what the other erases."""

    async def take(self, subject_ref: str, request_id: RequestId) -> RequestId:
        """Take the turn of a person where nobody has it; return who has it now. Again is no error."""
        ...

    async def leave(self, subject_ref: str, request_id: RequestId) -> None:
        """Give a turn back; one that is not this request's is left as it is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedKey:
    """A public key that certificates are, or were, signed with.

    `jwk` is an RFC 7517 key with `kid` its RFC 7638 thumbprint. `until` is the end of its signing, None while it signs.
    """

    jwk: Mapping[str, Any]
    since: datetime
    until: datetime | None = None


class Signer(Protocol):
    """Signs with the newest key; its private part never leaves its store."""

    async def sign(self, header: Mapping[str, Any], payload: bytes) -> str:
        """Return a JWS in compact form (RFC 7515, ES256); `alg` and `kid` are set here.

        Raises:
            Transient: may pass.
        """
        ...

    async def keys(self) -> Sequence[PublishedKey]:
        """Return every public key, those that no longer sign included, newest first.

        Raises:
            Transient: may pass.
        """
        ...
