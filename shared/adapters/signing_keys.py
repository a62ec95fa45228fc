"""Keys that sign certificates, over time: which one signs now, and what is published of each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from shared.domain.certificate import encoded, thumbprint
from shared.domain.errors import Transient
from shared.ports.erasing import PublishedKey

SIGNATURE_SIZE = 64


class _Retired(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    kty: str
    crv: str
    x: str
    y: str
    since: AwareDatetime
    until: AwareDatetime


_RETIRED = TypeAdapter(list[_Retired])


@dataclass(frozen=True, slots=True, kw_only=True)
class Held[K]:
    """A key that can sign, from `since` on, and until its own `ends` where it has one."""

    key: K
    jwk: Mapping[str, Any]
    since: datetime
    ends: datetime | None = None


def signing[K](held: Sequence[Held[K]], now: datetime) -> Held[K]:
    """Return the newest key whose time has come and has not ended.

    Raises:
        Transient: there is none.
    """
    begun = [one for one in held if one.since <= now and (one.ends is None or now < one.ends)]
    if not begun:
        raise Transient("signing_key_missing")
    return max(begun, key=lambda one: one.since)


def published[K](held: Sequence[Held[K]], retired: Sequence[PublishedKey]) -> list[PublishedKey]:
    """Return every key, newest first. A key's signing ends where the next one's begins; a retired one's, where told."""
    in_order = sorted(held, key=lambda one: one.since)
    told: list[PublishedKey] = []
    for number, one in enumerate(in_order):
        ends = [end for end in (one.ends, *(later.since for later in in_order[number + 1 :])) if end is not None]
        told.append(PublishedKey(jwk=one.jwk, since=one.since, until=min(ends, default=None)))
    known = {one.jwk["kid"] for one in told}
    told += [one for one in retired if one.jwk["kid"] not in known]
    return sorted(told, key=lambda one: one.since, reverse=True)


def as_jwk(x: int, y: int) -> dict[str, Any]:
    """Return a public key on P-256 as RFC 7517 writes it."""
    jwk = {"kty": "EC", "crv": "P-256", "x": encoded(x.to_bytes(32)), "y": encoded(y.to_bytes(32))}
    return jwk | {"kid": thumbprint(jwk), "alg": "ES256", "use": "sig"}


def signing_input(header: Mapping[str, Any], payload: bytes, jwk: Mapping[str, Any]) -> str:
    """Return what a compact JWS signs."""
    told = {"alg": "ES256", "kid": jwk["kid"], **header}
    return f"{encoded(json.dumps(told, separators=(',', ':')).encode())}.{encoded(payload)}"


def retired_keys(told: str) -> list[PublishedKey]:
    """Read the setting that lists public keys which sign no more: JWKs, each with `since` and `until`.

    Raises:
        Transient: it cannot be read.
    """
    try:
        return [
            PublishedKey(jwk=_public(one), since=one.since.astimezone(UTC), until=one.until.astimezone(UTC))
            for one in _RETIRED.validate_json(told)
        ]
    except ValidationError:
        raise Transient("retired_signing_keys_unreadable") from None


def _public(one: _Retired) -> dict[str, Any]:
    jwk = {"kty": one.kty, "crv": one.crv, "x": one.x, "y": one.y}
    return jwk | {"kid": thumbprint(jwk), "alg": "ES256", "use": "sig"}
