"""What the law asks for, one file per right."""

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache

from shared.rights.specification import RightSpec


@cache
def discovered() -> dict[str, RightSpec]:
    """Return every right that has a file here, by code."""
    modules = (info.name for info in pkgutil.iter_modules(__path__) if info.name != "specification")
    rights: list[RightSpec] = [importlib.import_module(f"{__name__}.{name}").RIGHT for name in modules]
    return {right.code: right for right in rights}


def in_lawful_order(codes: Iterable[str]) -> tuple[str, ...]:
    """Return rights in the order in which they are worked on, each once."""
    known = discovered()
    return tuple(sorted(set(codes), key=lambda code: known[code].order))
