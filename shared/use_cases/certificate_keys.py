"""The keys of certificates, as everybody may read them."""

from collections.abc import Sequence
from typing import Any

from shared.ports.erasing import PublishedKey


def as_key_set(keys: Sequence[PublishedKey]) -> dict[str, Any]:
    """Return a JWK set (RFC 7517) in which each key says since when it signs, and until when it did."""
    return {
        "keys": [
            {**one.jwk, "since": one.since.isoformat()} | ({"until": one.until.isoformat()} if one.until else {})
            for one in keys
        ]
    }
