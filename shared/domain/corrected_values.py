"""How a corrected value, which people give as text, becomes what a field holds, and whether a field says it."""

import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from shared.domain.errors import Permanent

NOT_FITTING = "value_does_not_fit"
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*", re.ASCII)
_TRUTHS = {"true": True, "false": False}


def fitted(text: str, before: Any) -> Any:
    """Return a text as a value of the type that the field has; a field that has none yet takes the text.

    Raises:
        Permanent: `value_does_not_fit`; no message repeats the value.
    """
    fits: Any = None
    if before is None:
        return text
    if isinstance(before, bool):
        fits = _TRUTHS.get(text.strip().lower())
    elif isinstance(before, int):
        fits = int(text) if _INTEGER.fullmatch(text) else None
    elif isinstance(before, float):
        fits = float(text) if _NUMBER.fullmatch(text) and math.isfinite(float(text)) else None
    elif isinstance(before, str):
        fits = None if instant(before) is not None and instant(text) is None else text
    if fits is None:
        raise Permanent(NOT_FITTING)
    return fits


def says(value: Any, text: str) -> bool:
    """Tell whether an exported value is what a correction asked for: the same text, number, moment or truth."""
    if isinstance(value, bool):
        return _TRUTHS.get(text.strip().lower()) is value
    if isinstance(value, int | float):
        return bool(_NUMBER.fullmatch(text)) and Decimal(text) == Decimal(repr(value))
    if not isinstance(value, str):
        return False
    if value == text:
        return True
    if _NUMBER.fullmatch(value) and _NUMBER.fullmatch(text):
        return Decimal(value) == Decimal(text)
    return instant(value) is not None and instant(value) == instant(text)


def instant(text: str) -> datetime | None:
    """Read an ISO 8601 date and time, in UTC where it names no zone; None where it is none."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
