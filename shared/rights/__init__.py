"""What the law asks for, one file per right."""

import importlib
import pkgutil
from functools import cache

from shared.rights.specification import RightSpec


@cache
def discovered() -> dict[str, RightSpec]:
    """Return every right that has a file here, by code."""
    modules = (info.name for info in pkgutil.iter_modules(__path__) if info.name != "specification")
    rights: list[RightSpec] = [importlib.import_module(f"{__name__}.{name}").RIGHT for name in modules]
    return {right.code: right for right in rights}
