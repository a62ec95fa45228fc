"""Dotted paths into JSON: `tags.owner` is the `owner` of `tags`; lists on the way are searched through."""

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

DEEPEST = 32  # lists and objects inside one another; walking and writing them out takes a frame each

type Tree = Mapping[str, Tree | None]


def parse_json(text: str | bytes) -> Any:
    """Parse JSON without loss: a number that no float can hold stays as the text it was written in.

    Raises:
        ValueError: the text is not JSON, or is nested too deeply; the message may repeat a part of it.
    """
    try:
        document = json.loads(text, parse_float=_number, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _brackets(text) > DEEPEST and _is_deeper(document, DEEPEST):
        raise ValueError("nested too deeply")
    return document


def values_at(document: Any, path: str) -> Iterator[Any]:
    """Yield every value at the path; JSON text met on the way is read, and leads nowhere when it is not JSON."""
    yield from _walk(document, tuple(path.split(".")))


def strings_at(document: Any, path: str) -> Iterator[str]:
    """Yield the values at the path that can be compared with an identifier: texts, and whole numbers as text."""
    for value in values_at(document, path):
        if isinstance(value, str):
            yield value
        elif isinstance(value, int) and not isinstance(value, bool):
            yield str(value)


def tree_of(paths: Iterable[str]) -> Tree:
    """Join dotted paths into a tree; None marks where everything below is wanted."""
    tree: dict[str, Any] = {}
    for path in sorted(paths):
        *parents, last = path.split(".")
        at: dict[str, Any] | None = tree
        for name in parents:
            at = at.setdefault(name, {}) if at is not None else None
        if at is not None:
            at[last] = None
    return tree


def projected(value: Any, tree: Tree | None) -> Any:
    """Copy only what the tree names; a scalar where the tree goes deeper is left out."""
    if tree is None:
        return value
    if isinstance(value, list):
        return [projected(one, tree) for one in value if isinstance(one, dict | list)]
    if isinstance(value, dict):
        return {
            name: projected(value[name], below)
            for name, below in tree.items()
            if value.get(name) is not None and (below is None or isinstance(value[name], dict | list))
        }
    return None


def _walk(value: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _walk(one, steps)
    elif not steps:
        yield value
    elif isinstance(value, dict):
        if steps[0] in value:
            yield from _walk(value[steps[0]], steps[1:])
    elif isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        try:
            inner = parse_json(value)
        except ValueError:
            return
        yield from _walk(inner, steps)


def _brackets(text: str | bytes) -> int:
    if isinstance(text, str):
        return text.count("[") + text.count("{")
    return text.count(b"[") + text.count(b"{")


def _is_deeper(document: Any, depth: int) -> bool:
    level = [document]
    for _ in range(depth + 1):
        level = [one for one in level if isinstance(one, dict | list)]
        if not level:
            return False
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return True


def _number(text: str) -> float | str:
    number = float(text)
    written = repr(number)
    try:
        if written == text or Decimal(written) == Decimal(text):
            return number
    except InvalidOperation:  # an exponent that no decimal holds
        return text
    return text


def _refuse(_: str) -> None:
    raise ValueError("not a JSON number")
