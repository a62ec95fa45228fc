"""The one way out of the app to systems that are not ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a system answered; `body` is whole, decompressed, and no longer than was allowed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Egress(Protocol):
    """Calls by https, to hosts that the data map names, at public addresses, following no redirect."""

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        credential: str | None = None,
    ) -> Answer:
        """Make one call, whatever its status.

        `credential` names a setting whose value is sent as bearer token, to the origin it was set for and no other.

        Raises:
            Transient: nobody answered in time; nothing is known about what became of the call.
            Permanent: `host_not_allowed`, `address_not_public`, `redirected`, `answer_too_large`, `answer_unreadable`,
                `credential_missing`.
        """
        ...
