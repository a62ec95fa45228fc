"""An erasure's certificate: a signed cover, and one salted line for each dataset and recipient (SD-JWT, RFC 9901).

The cover names digests alone. Its holder shows the lines they choose, and whoever reads them checks each against the
cover; what is not shown stays hidden. Decoys fill the digests up to a whole sixteen, so that their number tells
nothing of how many recipients there were. Nothing in it names the person.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.data_map import Role
from shared.domain.erasure import Verified
from shared.domain.map_entry import Text

TYPE = "erasure-certificate+sd-jwt"
DIGESTS_IN_STEPS_OF = 16

type DatasetOutcome = Literal["erased", "anonymised", "retained", "nothing_found", "not_searched", "not_erased"]
type RecipientOutcome = Literal["acknowledged", "erased", "nothing_held", "refused", "told", "not_reached"]


class _Said(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True)


class Cover(_Said):
    """What every reader of a certificate sees.

    `iat` is the midnight, UTC, that began the day of issue. `jti` is a handle that leads nowhere but to this
    certificate. `backups_until` is the last day on which a copy of what was erased may still lie in a soft-deleted
    state or a backup; None where no such copies are made. `audit_event` is the hash of the line of our history that
    certifies. `statement` says what is claimed: that records were deleted logically, never that a medium was purged.
    """

    iss: str
    iat: Annotated[int, Field(strict=True, ge=0)]
    jti: str
    scope: Literal["erasure"] = "erasure"
    outcome: Literal["complete", "partial"]
    asked_on: date
    erased_on: date
    backups_until: date | None = None
    case_file_until: date | None = None
    case_file_ground: Literal["17-3-e"] = "17-3-e"
    map_version: str
    audit_event: str
    statement: Literal["logical_deletion"] = "logical_deletion"


class Copy(_Said):
    """Copies that a system keeps of what was erased from it, and for how many days after."""

    kind: str
    days: int


class DatasetLine(_Said):
    """What became of one kind of record.

    `count` is how many records this is about: erased, retained, or found and not erased; None where nobody could tell.
    `at` is the day of the last deletion. `verified` is the weakest of its proofs. `reason` is a code, for what was not
    searched or not erased; `exemption` the ground of GDPR Art. 17(3) on which records are retained, at the latest
    `until` that day.
    """

    dataset: str
    title: Text
    service: str
    service_title: Text
    role: Role | None = None
    outcome: DatasetOutcome
    count: int | None = None
    method: str | None = None
    at: date | None = None
    verified: Verified | None = None
    reason: str | None = None
    exemption: str | None = None
    source: Text | None = None
    until: date | None = None
    copies: tuple[Copy, ...] = ()


class RecipientLine(_Said):
    """What a recipient of erased records was told, and what it made of that (GDPR Art. 19)."""

    recipient: str
    name: str
    datasets: tuple[str, ...]
    outcome: RecipientOutcome
    at: date | None = None
    reason: str | None = None


class PlanLine(_Said):
    """The hash of the plan that was carried out.

    A line, and hidden as others are: whoever knows the data map could try counts until one fits the hash.
    """

    plan: str


type Line = DatasetLine | RecipientLine | PlanLine


def disclose(salt: str, name: str, line: Line) -> str:
    """Return a line's disclosure: salt, name and value, encoded."""
    told = json.dumps([salt, name, line.model_dump(mode="json", exclude_none=True)], ensure_ascii=False)
    return encoded(told.encode())


def digest(disclosure: str) -> str:
    """Return what stands in the cover for a disclosure."""
    return encoded(hashlib.sha256(disclosure.encode()).digest())


def payload(cover: Cover, disclosures: Sequence[str], fillers: Sequence[str]) -> bytes:
    """Return what is signed.

    Args:
        cover: the claims that everybody sees.
        disclosures: of every line.
        fillers: secret words to make decoys of, as many as `fillers_needed` says.
    """
    digests = sorted(digest(one) for one in [*disclosures, *fillers])
    claims = cover.model_dump(mode="json", exclude_none=True) | {"_sd_alg": "sha-256", "_sd": digests}
    return json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()


def fillers_needed(lines: int) -> int:
    """Return how many decoys a certificate of so many lines takes."""
    return -lines % DIGESTS_IN_STEPS_OF


def presented(jws: str, disclosures: Sequence[str]) -> str:
    """Return a certificate that shows these lines."""
    return "~".join([jws, *disclosures, ""])


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the RFC 7638 thumbprint of a public key on an elliptic curve."""
    told = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return encoded(hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).digest())


def encoded(data: bytes) -> str:
    """Return base64url without padding, as JOSE writes everything."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
