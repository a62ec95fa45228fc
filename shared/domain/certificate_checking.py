"""Whether a certificate is what it says: its signature, its key, and each line that is shown. Asks nobody."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pydantic import ValidationError

from shared.domain.certificate import TYPE, Cover, digest, encoded, thumbprint
from shared.domain.errors import PrivacyError

MOST_BYTES = 1024 * 1024
_LINE = re.compile(r"line-\d{2,4}")
_COORDINATE_SIZE, _SIGNATURE_SIZE = 32, 64


class CertificateRefused(PrivacyError):
    """A certificate that proves nothing; `code` says why, and nothing of the certificate is repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A certificate that holds: its cover, the lines shown by name, and the thumbprint of the key that signed it.

    `unseen` counts the digests of lines that are not shown, decoys among them.
    """

    cover: Cover
    lines: Mapping[str, Mapping[str, Any]]
    key: str
    unseen: int


def verify(text: str, keys: Mapping[str, Any], fingerprint: str | None = None) -> Checked:
    """Check a certificate, whole or with some of its lines.

    Args:
        text: an SD-JWT as in `certificate.sd-jwt`.
        keys: a key set as `/api/v1/keys` publishes it. Whoever chose it chose whom to believe.
        fingerprint: the thumbprint of the one key that may have signed.

    Raises:
        CertificateRefused: it proves nothing.
    """
    if len(text) > MOST_BYTES:
        raise CertificateRefused("too_large")
    signed, *disclosures = text.strip().split("~")
    if not disclosures or disclosures.pop() or not text.isascii():
        raise CertificateRefused("not_a_certificate")
    try:
        header_text, payload_text, signature_text = signed.split(".")
        header = _as_object(_decoded(header_text))
        signature = _decoded(signature_text)
    except ValueError:
        raise CertificateRefused("not_a_certificate") from None
    if header.get("alg") != "ES256":
        raise CertificateRefused("algorithm_refused")
    if header.get("typ") != TYPE:
        raise CertificateRefused("type_refused")
    if header.keys() != {"alg", "typ", "kid"}:
        raise CertificateRefused("header_refused")
    named = header["kid"]
    if fingerprint is not None and named != fingerprint.strip():
        raise CertificateRefused("other_key")
    key = _key(named, keys)
    if not _is_signed(key, f"{header_text}.{payload_text}".encode(), signature):
        raise CertificateRefused("signature_wrong")
    cover, digests = _cover(payload_text)
    if not _was_in_use(key, datetime.fromtimestamp(cover.iat, UTC).date()):
        raise CertificateRefused("key_not_in_use")
    lines = _lines(disclosures, digests)
    return Checked(cover=cover, lines=lines, key=named, unseen=len(digests) - len(lines))


def _key(named: object, keys: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the key whose thumbprint is the one named; what a set calls it counts for nothing."""
    listed = keys.get("keys")
    for one in listed if isinstance(listed, list) else []:
        try:
            if one["kty"] == "EC" and one["crv"] == "P-256" and thumbprint(one) == named:
                return dict(one)
        except (KeyError, TypeError, ValueError):
            continue  # not of our kind
    raise CertificateRefused("key_unknown")


def _is_signed(key: Mapping[str, Any], signed: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - heavy, and seldom needed
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: PLC0415

    if len(signature) != _SIGNATURE_SIZE:
        return False
    r, s = (int.from_bytes(half) for half in (signature[:_COORDINATE_SIZE], signature[_COORDINATE_SIZE:]))
    try:
        x, y = (_decoded(key[name]) for name in ("x", "y"))
        if len(x) != _COORDINATE_SIZE or len(y) != _COORDINATE_SIZE:
            raise CertificateRefused("key_unreadable")
        numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
        public = numbers.public_key()
    except ValueError:
        raise CertificateRefused("key_unreadable") from None
    try:
        public.verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _was_in_use(key: Mapping[str, Any], day: date) -> bool:
    """Tell whether a key signed on a day: a certificate bears no time of day."""
    try:
        since = datetime.fromisoformat(key["since"]).astimezone(UTC).date()
        until = datetime.fromisoformat(key["until"]).astimezone(UTC).date() if key.get("until") else day
    except (KeyError, TypeError, ValueError, OverflowError):
        raise CertificateRefused("key_unreadable") from None
    return since <= day <= until


def _cover(payload_text: str) -> tuple[Cover, frozenset[str]]:
    try:
        claims = _as_object(_decoded(payload_text))
        cover = Cover.model_validate(claims)
        datetime.fromtimestamp(cover.iat, UTC)
        digests = [str(one) for one in claims["_sd"]]
    except (KeyError, TypeError, ValueError, OverflowError, OSError, ValidationError):
        raise CertificateRefused("cover_unreadable") from None
    if claims.get("_sd_alg") != "sha-256" or len(set(digests)) != len(digests):
        raise CertificateRefused("cover_unreadable")
    return cover, frozenset(digests)


def _lines(disclosures: Sequence[str], digests: frozenset[str]) -> dict[str, Mapping[str, Any]]:
    """Return the lines shown, each of which the cover must name, and none twice."""
    lines: dict[str, Mapping[str, Any]] = {}
    for one in disclosures:
        if digest(one) not in digests:
            raise CertificateRefused("line_not_signed")
        try:
            _, name, value = _parsed(_decoded(one))
        except (TypeError, ValueError):
            raise CertificateRefused("line_unreadable") from None
        if not isinstance(name, str) or not _LINE.fullmatch(name) or not isinstance(value, dict):
            raise CertificateRefused("line_unreadable")
        if name in lines:
            raise CertificateRefused("line_twice")
        lines[name] = value
    return lines


def _decoded(text: str) -> bytes:
    """Read base64url in its one form: no padding, no foreign signs, no loose bits.

    Raises:
        ValueError: it is not that.
    """
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if encoded(data) != text:
        raise ValueError
    return data


def _as_object(data: bytes) -> dict[str, Any]:
    found = _parsed(data)
    if isinstance(found, dict):
        return found
    raise ValueError


def _parsed(data: bytes) -> Any:
    """Read JSON in which no name stands twice.

    Raises:
        ValueError: it is not that.
    """
    try:
        return json.loads(data.decode(), object_pairs_hook=_once_each, parse_constant=_no_number)
    except RecursionError:
        raise ValueError from None


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_number(_: str) -> Any:
    raise ValueError
