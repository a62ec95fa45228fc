"""host.json and app settings, as far as this host heeds them."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from devhost.host.errors import ConfigurationError

_TIME_SPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})")
_PLACEHOLDER = re.compile(r"%([^%]+)%")

DRAINS_WITHIN = 5.0
"""Seconds that invocations in flight get when the host stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSettings:
    """The part of host.json that changes what this host does."""

    route_prefix: str = "api"
    function_timeout: timedelta | None = timedelta(minutes=30)
    """None is no limit, written as -1."""
    max_concurrent_calls: int
    """Messages of one function in flight at once."""
    max_lock_renewal: timedelta = timedelta(minutes=5)
    log_levels: Mapping[str, str]


def read_settings(app: Path) -> HostSettings:
    """Read host.json.

    Raises:
        ConfigurationError: The file is missing, is no JSON object, or holds a value of the wrong kind.
    """
    file = app / "host.json"
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        return _settings(document)
    except FileNotFoundError:
        raise ConfigurationError(f"{file} does not exist") from None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{file} cannot be used: {error}") from None


def resolve(text: str, app_settings: Mapping[str, str]) -> str:
    """Replace every %NAME% by the app setting of that name.

    Raises:
        ConfigurationError: A named setting is absent.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in app_settings:
            raise ConfigurationError(f"%{name}% does not resolve: no such app setting")
        return app_settings[name]

    return _PLACEHOLDER.sub(value, text)


def expects_service_bus(app_settings: Mapping[str, str]) -> bool:
    """Whether some setting looks like a Service Bus connection, so that its slow SDK will be needed."""
    return any(
        text.startswith("Endpoint=sb://") or name.endswith("__fullyQualifiedNamespace")
        for name, text in app_settings.items()
    )


def _settings(document: Any) -> HostSettings:
    extensions = document.get("extensions", {})
    bus = extensions.get("serviceBus", {})
    timeout = document.get("functionTimeout", "00:30:00")
    return HostSettings(
        route_prefix=extensions.get("http", {}).get("routePrefix", "api").strip("/"),
        function_timeout=None if timeout == "-1" else _time_span(timeout),
        max_concurrent_calls=int(bus.get("maxConcurrentCalls", 16 * (os.cpu_count() or 1))),
        max_lock_renewal=_time_span(bus.get("maxAutoLockRenewalDuration", "00:05:00")),
        log_levels=document.get("logging", {}).get("logLevel", {}),
    )


def _time_span(text: str) -> timedelta:
    match = _TIME_SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no time span; write hh:mm:ss")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
