"""ISO 8601 durations as configurations write them."""

import re

_SHAPE = re.compile(
    r"P(?=[\dT])(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
)


def milliseconds(text: str) -> int:
    """Read a duration of days and smaller units.

    Raises:
        ValueError: The text is not such a duration.
    """
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an ISO 8601 duration of days, hours, minutes and seconds")
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
