"""Check single values of a configuration."""

from collections.abc import Mapping
from typing import Any

from devhost.servicebus.durations import milliseconds
from devhost.servicebus.errors import ConfigError

_WORDS: dict[type, str] = {
    bool: "true or false",
    str: "a string",
    int: "a whole number",
    list: "a list",
    dict: "an object",
}


def known(value: object, where: str, keys: Mapping[str, type]) -> dict[str, Any]:
    """Return an object that has none but these keys, each of its type.

    Raises:
        ConfigError: It is no object, or a key is unknown or of another type.
    """
    if not isinstance(value, dict):
        raise ConfigError(f"{where} must be an object")
    for key, part in value.items():
        if key not in keys:
            raise ConfigError(f"{where}: {key} is not supported")
        if not isinstance(part, keys[key]) or (keys[key] is int and isinstance(part, bool)):
            raise ConfigError(f"{where}: {key} must be {_WORDS[keys[key]]}")
    return value


def duration(where: str, key: str, text: str | None) -> int | None:
    """Return a positive duration in milliseconds, None if there is none.

    Raises:
        ConfigError: It is not one.
    """
    if text is None:
        return None
    try:
        length = milliseconds(text)
    except ValueError as error:
        raise ConfigError(f"{where}: {key}: {error}") from None
    if length <= 0:
        raise ConfigError(f"{where}: {key} must be longer than nothing")
    return length


def refuse_twins(where: str, names: list[str]) -> None:
    """Refuse names that differ in case alone or not at all.

    Raises:
        ConfigError: There are such names.
    """
    lowered = [name.lower() for name in names]
    twins = [name for name in lowered if lowered.count(name) > 1]
    if twins:
        raise ConfigError(f"{where}: {min(twins)} is there twice")
