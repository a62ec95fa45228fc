"""Put something else in the place of a record's values: what is about others is not handed over (GDPR Art. 15(4))."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.ports.connector import Record

REDACTED = "[redacted]"


def redacted(record: Record, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return a copy of a record in which these fields, by their dotted paths, say something else.

    A value that a path leads into, and that has no such place inside, is replaced whole: never is anything left that
    was to go.
    """
    told = dict(record)
    for path, text in fields.items():
        if path in told:
            told[path] = text
        else:
            told = _replaced(told, path.split("."), text)
    return told


def _replaced(value: Any, steps: Sequence[str], text: str) -> Any:
    if not steps:
        return text
    if isinstance(value, list):
        return [_replaced(one, steps, text) for one in value]
    if isinstance(value, dict):
        if steps[0] not in value:
            return value
        return {**value, steps[0]: _replaced(value[steps[0]], steps[1:], text)}
    return value if value is None else text
