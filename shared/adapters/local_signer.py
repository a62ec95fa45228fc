"""Signs with keys the app holds itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from shared.adapters.signing_keys import Held, as_jwk, published, signing, signing_input
from shared.domain.certificate import encoded
from shared.domain.errors import Transient
from shared.ports.erasing import PublishedKey
from shared.ports.world import Clock

type _Key = ec.EllipticCurvePrivateKey


class LocalSigner:
    """Each key is a number on P-256 in 32 bytes, with the moment from which it signs; the newest begun one does.

    A key may be given before its time, so that it is published before the first certificate under it.
    """

    def __init__(self, keys: Sequence[tuple[bytes, datetime]], retired: Sequence[PublishedKey], clock: Clock) -> None:
        self._held = [_held(scalar, since) for scalar, since in keys]
        self._retired = list(retired)
        self._clock = clock

    async def sign(self, header: Mapping[str, Any], payload: bytes) -> str:
        """Sign; the same payload under the same key gives the same JWS."""
        key = signing(self._held, self._clock())
        told = signing_input(header, payload, key.jwk)
        r, s = utils.decode_dss_signature(
            key.key.sign(told.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        )
        return f"{told}.{encoded(r.to_bytes(32) + s.to_bytes(32))}"

    async def keys(self) -> Sequence[PublishedKey]:
        """Return every public key."""
        return published(self._held, self._retired)


def _held(scalar: bytes, since: datetime) -> Held[_Key]:
    try:
        key = ec.derive_private_key(int.from_bytes(scalar), ec.SECP256R1())
    except ValueError:
        raise Transient("key_missing_or_unreadable") from None
    numbers = key.public_key().public_numbers()
    return Held(key=key, jwk=as_jwk(numbers.x, numbers.y), since=since)
