"""A failed invocation in a few words: type and place, never the message, which may quote personal data."""

import re
from pathlib import Path
from typing import Any

_FRAME = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+), in ', re.MULTILINE)
_TYPE = re.compile(r"\w+")


def brief(exception: Any) -> str:
    """Say what was raised and where, from the worker library's exception."""
    kind = _TYPE.match(exception.message)
    frames = [
        frame for frame in _FRAME.finditer(exception.stack_trace) if "azure_functions_runtime" not in frame["file"]
    ]
    own = [
        frame
        for frame in frames
        if Path(frame["file"]).is_relative_to(Path.cwd()) and "site-packages" not in frame["file"]
    ]
    place = next(reversed(own or frames), None)
    where = f" at {_short(place['file'])}:{place['line']}" if place else ""
    return f"{kind[0] if kind else 'Exception'}{where}"


def _short(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name
