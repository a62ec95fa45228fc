"""ASP.NET's inline route constraints: may this text stand for that parameter?"""

import math
import re
from collections.abc import Callable
from datetime import datetime

from devhost.host.errors import ConfigurationError

type Constraint = Callable[[str], bool]

_GUID = re.compile(
    r"[0-9a-f]{32}|(?P<open>[{(])?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?(open)[})])",
    re.IGNORECASE,
)
_CALL = re.compile(r"(\w+)(?:\((.*)\))?", re.DOTALL)


def _integer(lowest: int, highest: int) -> Constraint:
    def check(text: str) -> bool:
        return re.fullmatch(r"[+-]?\d+", text, re.ASCII) is not None and lowest <= int(text) <= highest

    return check


def _number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False


def _datetime(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


_int64 = _integer(-(2**63), 2**63 - 1)

_PLAIN: dict[str, Constraint] = {
    "int": _integer(-(2**31), 2**31 - 1),
    "long": _int64,
    "bool": lambda text: text.lower() in {"true", "false"},
    "decimal": _number,
    "double": _number,
    "float": _number,
    "datetime": _datetime,
    "guid": lambda text: _GUID.fullmatch(text) is not None,
    "alpha": lambda text: re.fullmatch(r"[a-z]*", text, re.IGNORECASE | re.ASCII) is not None,
    "required": lambda text: text != "",
}


def _at_least(limit: str) -> Constraint:
    lowest = int(limit)
    return lambda text: _int64(text) and int(text) >= lowest


def _at_most(limit: str) -> Constraint:
    highest = int(limit)
    return lambda text: _int64(text) and int(text) <= highest


def _between(limits: str) -> Constraint:
    lowest, highest = (int(limit) for limit in limits.split(","))
    return lambda text: _int64(text) and lowest <= int(text) <= highest


def _length(limits: str) -> Constraint:
    numbers = [int(limit) for limit in limits.split(",")]
    return lambda text: numbers[0] <= len(text) <= numbers[-1]


def _longer(limit: str) -> Constraint:
    least = int(limit)
    return lambda text: len(text) >= least


def _shorter(limit: str) -> Constraint:
    most = int(limit)
    return lambda text: len(text) <= most


def _regex(expression: str) -> Constraint:
    pattern = re.compile(expression, re.IGNORECASE)
    return lambda text: pattern.search(text) is not None


_WITH_ARGUMENT: dict[str, Callable[[str], Constraint]] = {
    "min": _at_least,
    "max": _at_most,
    "range": _between,
    "length": _length,
    "minlength": _longer,
    "maxlength": _shorter,
    "regex": _regex,
}


def constraint(text: str) -> Constraint:
    """Build the check that a constraint such as `guid` or `length(3,7)` names.

    Raises:
        ConfigurationError: There is no such constraint, or its argument is not of its kind.
    """
    call = _CALL.fullmatch(text)
    if call is not None:
        name, argument = call[1].lower(), call[2]
        if argument is None and name in _PLAIN:
            return _PLAIN[name]
        if argument is not None and name in _WITH_ARGUMENT:
            try:
                return _WITH_ARGUMENT[name](argument)
            except (ValueError, re.PatternError) as error:
                raise ConfigurationError(f"route constraint {text!r} cannot be used: {error}") from None
    raise ConfigurationError(f"route constraint {text!r} is not known")
