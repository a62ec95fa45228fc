"""Read fields of performatives, whose types are the peer's word only."""

from typing import Any

from devhost.servicebus.amqp.decode import Described
from devhost.servicebus.amqp.frames import FIELD_COUNTS
from devhost.servicebus.errors import DecodeError

MAX_UINT = 0xFFFFFFFF


def fields_of(performative: object) -> tuple[int, list[Any]]:
    """Return the code and the fields of a performative, trimmed ones filled up with None."""
    if not isinstance(performative, Described) or not isinstance(performative.value, list):
        raise DecodeError("expected a performative")
    code, fields = performative
    if code not in FIELD_COUNTS:
        raise DecodeError("unknown performative")
    missing = FIELD_COUNTS[code] - len(fields)
    if missing < 0:
        raise DecodeError("performative with too many fields")
    return code, fields + [None] * missing if missing else fields


def number(value: object, default: int | None = None) -> int:
    """Return an unsigned 32-bit field."""
    if value is None and default is not None:
        return default
    if not isinstance(value, int) or not 0 <= value <= MAX_UINT:
        raise DecodeError("expected an unsigned number")
    return value


def text(value: object) -> str:
    """Return a string field."""
    if not isinstance(value, str):
        raise DecodeError("expected a string")
    return value


def mapping(value: object) -> dict[Any, Any]:
    """Return a map field."""
    if not isinstance(value, dict):
        raise DecodeError("expected a map")
    return value


def many(value: object) -> list[Any]:
    """Return the items of a list or array field."""
    if not isinstance(value, list):
        raise DecodeError("expected a list or an array")
    return value


def path_of(terminus: object) -> str | None:
    """Return the lower-case entity path of a source or target, bare or in a full URI."""
    if not isinstance(terminus, Described) or not isinstance(terminus.value, list) or not terminus.value:
        return None
    address = terminus.value[0]
    if not isinstance(address, str):
        return None
    _, scheme, rest = address.partition("://")
    path = rest.partition("/")[2] if scheme else address
    return path.strip("/").lower()
