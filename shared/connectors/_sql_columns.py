"""What a column of a database holds, what it can be compared with, and how keys are written down."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, DateTime, String, Uuid
from sqlalchemy.types import NullType, TypeEngine

from shared.domain.errors import Permanent

_LARGEST = 2**63
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


class Kind(Enum):
    """What a column holds, as far as that changes how it is read, compared and written."""

    ANYTHING = "anything"  # SQLite: each value has a type of its own
    TIME_TEXT = "time_text"  # SQLite: most likely a time, as text
    TEXT = "text"
    PADDED_TEXT = "padded_text"  # of a fixed width: blanks at its end say nothing
    LENIENT_TEXT = "lenient_text"  # text of which what differs can pass for equal
    INTEGER = "integer"
    UUID = "uuid"
    DATE = "date"
    INSTANT = "instant"
    LOCAL_TIME = "local_time"
    JSON = "json"
    PLAIN = "plain"  # the driver hands it over without loss
    OTHER = "other"


TEXTS = frozenset({Kind.TEXT, Kind.PADDED_TEXT, Kind.LENIENT_TEXT, Kind.ANYTHING, Kind.TIME_TEXT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. What is `derived` the database computes from others."""

    name: str
    kind: Kind
    nullable: bool
    derived: bool

    @property
    def type(self) -> TypeEngine[Any]:
        """The type its values are bound with."""
        return _TYPES.get(self.kind, NullType())

    @property
    def can_be_key(self) -> bool:
        """Whether its values can be named in a statement and in a position."""
        return self.kind in _TYPES or self.kind in {Kind.ANYTHING, Kind.TIME_TEXT}

    def comparable(self, text: str) -> Any:
        """Return an identifier's value as this column would hold it, None where it cannot."""
        if self.kind is Kind.INTEGER:
            return int(text) if _INTEGER.fullmatch(text) and -_LARGEST <= int(text) < _LARGEST else None
        if self.kind is Kind.UUID:
            return UUID(text) if _GUID.fullmatch(text) else None
        return text if self.kind in TEXTS else None


_TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.TEXT: String(),
    Kind.PADDED_TEXT: String(),
    Kind.LENIENT_TEXT: String(),
    Kind.INTEGER: BigInteger(),
    Kind.UUID: Uuid(),
    Kind.DATE: Date(),
    Kind.INSTANT: DateTime(timezone=True),
    Kind.LOCAL_TIME: DateTime(),
}
_WRITTEN: dict[Kind, type] = {Kind.TEXT: str, Kind.PADDED_TEXT: str, Kind.LENIENT_TEXT: str, Kind.INTEGER: int}


def written(value: Any) -> Any:
    """Return a key's value as JSON can hold it.

    Raises:
        Permanent: `key_type`, no search can go on after such a key.
    """
    if isinstance(value, UUID | date):
        return value.isoformat() if isinstance(value, date) else str(value)
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return value
    raise Permanent("key_type")


def read(value: Any, of: Column) -> Any:
    """Read a key's value as it was written.

    Raises:
        Permanent: `position_unreadable`.
    """
    try:
        if of.kind is Kind.UUID:
            return UUID(value)
        if of.kind in {Kind.INSTANT, Kind.LOCAL_TIME, Kind.DATE}:
            return date.fromisoformat(value) if of.kind is Kind.DATE else datetime.fromisoformat(value)
    except (TypeError, ValueError, AttributeError):
        raise Permanent("position_unreadable") from None
    if not isinstance(value, _WRITTEN.get(of.kind, str | int | float)):
        raise Permanent("position_unreadable")
    return value
