"""Access keys: one master key, host keys for all functions, keys per function; kept in a file of the data folder."""

import hmac
import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from devhost.host.errors import ConfigurationError


class Keys:
    """The keys of this host."""

    def __init__(self, file: Path, functions: Iterable[str]) -> None:
        """Read the keys, making those that are missing.

        Raises:
            ConfigurationError: The file is there and cannot be read.
        """
        self._document = _read(file)
        before = json.dumps(self._document)
        self._document.setdefault("masterKey", _new())
        self._document.setdefault("functionKeys", {}).setdefault("default", _new())
        per_function = self._document.setdefault("functions", {})
        for name in functions:
            per_function.setdefault(name, {}).setdefault("default", _new())
        if json.dumps(self._document) != before:
            _write(file, self._document)

    def is_master(self, key: str) -> bool:
        """Whether this is the master key."""
        return _same(key, self._document["masterKey"])

    def opens(self, key: str, function: str) -> bool:
        """Whether this key starts that function: its own, a host key or the master key."""
        fitting = [self._document["masterKey"], *self._document["functionKeys"].values()]
        fitting += self._document["functions"].get(function, {}).values()
        return sum(_same(key, candidate) for candidate in fitting) > 0


def _same(given: str, kept: str) -> bool:
    return hmac.compare_digest(given.encode(), kept.encode())


def _new() -> str:
    return secrets.token_urlsafe(40)


def _read(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise ConfigurationError(f"{file} cannot be read; delete it to get new keys") from None
    if not isinstance(document, dict):
        raise ConfigurationError(f"{file} cannot be read; delete it to get new keys")
    return document


def _write(file: Path, document: dict[str, Any]) -> None:
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        json.dump(document, target, indent=1)
    fresh.replace(file)
