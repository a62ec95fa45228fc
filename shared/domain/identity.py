"""Who a data subject is: identifiers, where each came from, and how far it is trusted."""

import re
import unicodedata
from enum import StrEnum
from typing import Annotated, NewType
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.errors import InvalidInput

TenantId = NewType("TenantId", str)
SubjectRef = NewType("SubjectRef", str)

IdentifierKind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
EMAIL, UPN, OBJECT_ID = "email", "upn", "entra_object_id"
MAX_EMAIL = 254  # RFC 5321 4.5.3.1.3, less the angle brackets
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})+")


class Standing(StrEnum):
    """How an identifier came to be part of a request; only the first two are ever searched with."""

    PROVEN = "proven"
    DERIVED = "derived"
    CLAIMED = "claimed"


class Identifier(BaseModel):
    """One identifier of a data subject. Personal data: it lives sealed in its request and nowhere else.

    `tenant` is the Microsoft Entra tenant inside which it holds; None is for identifiers that are world-wide, such as
    a proven e-mail address. `source` names the proof or the dataset that yielded it.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, hide_input_in_errors=True)

    kind: IdentifierKind
    value: str
    tenant: str | None
    standing: Standing
    source: str


def normalise(kind: str, value: str) -> str:
    """Return the one form in which an identifier is compared, hashed and stored.

    E-mail addresses and UPNs: NFC, trimmed, lower case, domain in IDNA ASCII form. Object ids: lower-case GUID.
    Others: NFC and trimmed, case kept.

    Raises:
        InvalidInput: the value is not of its kind; the message never repeats it.
    """
    value = unicodedata.normalize("NFC", value).strip()
    if not value or any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in value):
        raise InvalidInput(kind, "empty, or holds control or invisible characters")
    if kind == OBJECT_ID:
        try:
            return str(UUID(value))
        except ValueError:
            raise InvalidInput(kind, "not a GUID") from None
    if kind in {EMAIL, UPN}:
        return _address(kind, value)
    return value


def _address(kind: str, value: str) -> str:
    local, _, domain = value.rpartition("@")
    if not local or len(value) > MAX_EMAIL or any(c.isspace() or c in '<>@,;:"()[]\\' for c in local):
        raise InvalidInput(kind, "not an address")
    domain = _ascii(kind, domain)
    # Looked at in its ASCII form alone: wide and compatibility forms turn into signs of their own there.
    address = f"{unicodedata.normalize('NFC', local.lower())}@{domain}"
    if not _DOMAIN.fullmatch(domain) or local.startswith(".") or local.endswith("."):
        raise InvalidInput(kind, "not an address")
    if len(address) > MAX_EMAIL or len(local) > 64 * (1 + (kind == UPN)):
        raise InvalidInput(kind, "not an address")
    return address


def _ascii(kind: str, domain: str) -> str:
    """Return a domain's ASCII form as it is registered today (UTS 46): `ß` is not `ss`, which is another's name."""
    if domain.isascii():
        return domain.lower()
    import idna  # noqa: PLC0415 - its tables are large, and few addresses need them

    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except UnicodeError:
        raise InvalidInput(kind, "not an address") from None
