"""Everything that can find personal data in one kind of system: one module each, found by its presence here."""

import importlib
import pkgutil
from typing import Protocol

from shared.connectors._stores import Stores
from shared.ports.connector import Connector


class Factory(Protocol):
    """What a connector module offers as `CONNECTOR`: usually the class itself."""

    kind: str

    def __call__(self, stores: Stores, /) -> Connector:
        """Build the connector; nothing is opened before its first use."""
        ...


def discover() -> dict[str, Factory]:
    """Import every connector module and return its factory by kind.

    Raises:
        ValueError: two modules claim one kind.
    """
    found: dict[str, Factory] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith("_"):
            continue
        factory: Factory = importlib.import_module(f"{__name__}.{module.name}").CONNECTOR
        if factory.kind in found:
            raise ValueError(f"two connectors claim the kind {factory.kind!r}")
        found[factory.kind] = factory
    return found
