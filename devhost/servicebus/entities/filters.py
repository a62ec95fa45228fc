"""Correlation filters: every stated property must be equal."""

from dataclasses import dataclass
from typing import Any

PROPERTY_FIELDS = {
    "MessageId": 0,
    "To": 2,
    "Label": 3,
    "Subject": 3,
    "ReplyTo": 4,
    "CorrelationId": 5,
    "ContentType": 6,
    "SessionId": 10,
    "ReplyToSessionId": 12,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrelationFilter:
    """Positions in the properties section, and names of application properties, with the values wanted."""

    fields: tuple[tuple[int, str], ...] = ()
    application_properties: tuple[tuple[str, Any], ...] = ()

    def matches(self, fields: list[Any], own: dict[Any, Any]) -> bool:
        """Tell whether a message with these properties and application properties is wanted."""
        for position, wanted in self.fields:
            if fields[position] is None or str(fields[position]) != wanted:
                return False
        return all(name in own and _equal(own[name], wanted) for name, wanted in self.application_properties)


def _equal(value: object, wanted: object) -> bool:
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)
