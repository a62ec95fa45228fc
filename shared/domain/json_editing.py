"""Changing single values inside JSON text: every other byte of it stays, what no parser keeps included."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shared.domain.corrected_values import NOT_FITTING, fitted
from shared.domain.errors import Permanent
from shared.domain.json_path import parse_json

type Edit = tuple[int, int, str]
"""From where to where, and what stands there instead."""

_BLANKS = " \t\n\r"
_decode = json.JSONDecoder(parse_float=str).raw_decode


def edited(text: str, values: Mapping[str, str], chosen: Callable[[Any], bool] = lambda _: True) -> str:
    """Return JSON text in which the fields of an object, or of each `chosen` object of a list, say what they should.

    `values` are by dotted path, as texts; lists on the way are gone through, and JSON inside a string is too. A field
    that is not there yet is added. What says so already stays as it is written.

    Raises:
        Permanent: `value_does_not_fit`, a field holds something else than one value, or one of another type.
        ValueError: the text is not JSON.
    """
    parse_json(text)
    for path, value in values.items():
        steps = tuple(path.split("."))
        text = "".join(_spliced(text, [one for at in _chosen(text, chosen) for one in _edits(text, at, steps, value)]))
    return text


def edited_bytes(data: bytes, values: Mapping[str, str], chosen: Callable[[Any], bool] = lambda _: True) -> bytes:
    """Return JSON as `edited` does, in the encoding that it has.

    Raises:
        Permanent: also `encoding_unknown`, it could not be written as it was read.
        ValueError: it is not JSON.
    """
    encoding = json.detect_encoding(data)
    text = data.decode(encoding, "surrogatepass")
    if text.encode(encoding, "surrogatepass") != data:
        raise Permanent("encoding_unknown")
    return edited(text, values, chosen).encode(encoding, "surrogatepass")


def _spliced(text: str, edits: list[Edit]) -> Iterator[str]:
    after = 0
    for start, end, instead in edits:
        yield text[after:start]
        yield instead
        after = end
    yield text[after:]


def _chosen(text: str, chosen: Callable[[Any], bool]) -> Iterator[int]:
    start = _skip(text, 0)
    for at in _elements(text, start) if text[start] == "[" else [start]:
        value, end = _decode(text, at)
        if isinstance(value, dict) and chosen(parse_json(text[at:end])):
            yield at


def _edits(text: str, start: int, steps: tuple[str, ...], value: str) -> Iterator[Edit]:
    """Yield what changes in the value that stands at `start`."""
    if text[start] == "[":
        for at in _elements(text, start):
            yield from _edits(text, at, steps, value)
    elif text[start] == "{":
        yield from _in_object(text, start, steps, value)
    elif text[start] == '"':
        yield from _in_string(text, start, steps, value)
    else:
        raise Permanent(NOT_FITTING)


def _in_object(text: str, start: int, steps: tuple[str, ...], value: str) -> Iterator[Edit]:
    found, last = False, start + 1
    for name, at, end in _members(text, start):
        last = end
        if name != steps[0]:
            continue
        found = True
        if text[at:end] == "null":
            yield at, end, _nested(steps[1:], value)
        elif steps[1:]:
            yield from _edits(text, at, steps[1:], value)
        else:
            yield from _in_place(text, at, end, value)
    if not found:
        comma = ", " if last > start + 1 else ""
        yield last, last, f"{comma}{json.dumps(steps[0])}: {_nested(steps[1:], value)}"


def _in_place(text: str, start: int, end: int, value: str) -> Iterator[Edit]:
    before = parse_json(text[start:end])
    if isinstance(before, str) and text[start] != '"':  # a number that no float can hold
        before = 0.0
    after = fitted(value, before)
    if after != before:
        yield start, end, json.dumps(after)


def _in_string(text: str, start: int, steps: tuple[str, ...], value: str) -> Iterator[Edit]:
    inner, end = _decode(text, start)
    try:
        changed = edited(inner, {".".join(steps): value}) if inner.lstrip()[:1] in {"{", "["} else None
    except ValueError:
        changed = None
    if changed is None:
        raise Permanent(NOT_FITTING)
    if changed != inner:
        yield start, end, json.dumps(changed)


def _nested(steps: tuple[str, ...], value: str) -> str:
    told: Any = value
    for name in reversed(steps):
        told = {name: told}
    return json.dumps(told)


def _elements(text: str, start: int) -> Iterator[int]:
    """Yield where each element of the list at `start` begins."""
    at = _skip(text, start + 1)
    while text[at] != "]":
        yield at
        _, end = _decode(text, at)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _members(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Yield each name of the object at `start`, and from where to where its value stands."""
    at = _skip(text, start + 1)
    while text[at] != "}":
        name, end = _decode(text, at)
        value = _skip(text, _skip(text, end) + 1)
        _, end = _decode(text, value)
        yield name, value, end
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at
