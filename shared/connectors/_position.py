"""Positions: where a search goes on, as a text another process can read. May carry keys; its keeper seals it."""

import base64
import json
from typing import Any

from shared.domain.errors import Permanent


def position_of(*parts: Any) -> str:
    """Write a position of JSON values."""
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def parts_of(position: str, count: int) -> list[Any]:
    """Read a position of `count` values, the first of which is the number of a step.

    Raises:
        Permanent: `position_unreadable`, the text is not a position of this connector.
    """
    try:
        parts = json.loads(base64.urlsafe_b64decode(position + "=" * (-len(position) % 4)))
    except ValueError:
        raise Permanent("position_unreadable") from None
    if not (isinstance(parts, list) and len(parts) == count and isinstance(parts[0], int) and parts[0] >= 0):
        raise Permanent("position_unreadable")
    return parts
