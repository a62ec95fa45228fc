"""The functions of the app: what starts each, or why it cannot be started."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from devhost.host.errors import ConfigurationError
from devhost.host.ncrontab import Schedule
from devhost.host.settings import resolve
from devhost.host.templates import Template, compile_template

METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "TRACE", "CONNECT"})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,127}")


@dataclass(frozen=True, slots=True)
class HttpTrigger:
    """Started by a request."""

    route: str
    template: Template
    methods: frozenset[str]
    level: str
    """anonymous, function or admin."""


@dataclass(frozen=True, slots=True)
class TimerTrigger:
    """Started by the clock."""

    schedule: Schedule
    run_on_startup: bool
    use_monitor: bool


@dataclass(frozen=True, slots=True)
class MessageTrigger:
    """Started by a message of a queue, or of a topic's subscription."""

    connection: str
    entity: str
    subscription: str | None
    binary: bool


type Trigger = HttpTrigger | TimerTrigger | MessageTrigger


@dataclass(frozen=True, slots=True)
class Function:
    """One function as the worker indexed it."""

    name: str
    argument: str
    bindings: tuple[dict[str, Any], ...]
    trigger: Trigger | None
    error: str | None = None
    disabled: bool = False

    @property
    def runs(self) -> bool:
        """Whether anything may start it."""
        return self.trigger is not None and not self.disabled


type Taken = dict[str, frozenset[str]]
"""Routes that earlier functions hold, with their methods."""


def read_catalogue(indexed: list[dict[str, Any]], app_settings: Mapping[str, str], prefix: str) -> list[Function]:
    """Read what the worker indexed, in the order in which routes are tried: by name, ordinal, ignoring case."""
    taken: Taken = {}
    return [
        _read(entry["name"], [json.loads(text) for text in entry["bindings"]], app_settings, prefix, taken)
        for entry in sorted(indexed, key=lambda entry: str(entry["name"]).upper())
    ]


def _read(
    name: str, bindings: list[dict[str, Any]], app_settings: Mapping[str, str], prefix: str, taken: Taken
) -> Function:
    trigger_binding = next(b for b in bindings if b["type"].lower().endswith("trigger"))
    disabled = app_settings.get(f"AzureWebJobs.{name}.Disabled", "").lower() in {"true", "1"}
    function = Function(name, trigger_binding["name"], tuple(bindings), None, disabled=disabled)
    try:
        _refuse_unsupported(name, [binding for binding in bindings if binding is not trigger_binding])
        return replace(function, trigger=_trigger(name, trigger_binding, app_settings, prefix, taken))
    except ConfigurationError as error:
        return replace(function, error=str(error))


def _refuse_unsupported(name: str, others: list[dict[str, Any]]) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigurationError("its name is not allowed")
    for binding in others:
        if binding["type"] != "http":
            raise ConfigurationError(f"binding of type {binding['type']} is not supported by this host")


def _trigger(name: str, binding: dict[str, Any], app_settings: Mapping[str, str], prefix: str, taken: Taken) -> Trigger:
    match binding["type"]:
        case "httpTrigger":
            return _http(name, binding, prefix, taken)
        case "timerTrigger":
            schedule = Schedule.parse(resolve(binding["schedule"], app_settings))
            monitored = binding.get("useMonitor") is not False and not schedule.more_than_once_a_minute()
            return TimerTrigger(schedule, binding.get("runOnStartup") is True, monitored)
        case "serviceBusTrigger":
            return _message(binding, app_settings)
        case other:
            raise ConfigurationError(f"trigger of type {other} is not supported by this host")


def _http(name: str, binding: dict[str, Any], prefix: str, taken: Taken) -> HttpTrigger:
    route = str(binding.get("route") or name).strip("/")
    full = f"{prefix}/{route}".strip("/")
    if full.lower().startswith(("admin", "runtime")):
        raise ConfigurationError(f"route {full!r} begins with a word that the host keeps for itself")
    methods = frozenset(str(method).upper() for method in binding.get("methods") or METHODS)
    held = taken.get(full.lower(), frozenset())
    if methods & held:
        raise ConfigurationError(f"route {full!r} is already taken for {', '.join(sorted(methods & held))}")
    template = compile_template(full)
    taken[full.lower()] = held | methods
    return HttpTrigger(full, template, methods, str(binding.get("authLevel", "FUNCTION")).lower())


def _message(binding: dict[str, Any], app_settings: Mapping[str, str]) -> MessageTrigger:
    if str(binding.get("cardinality", "one")).lower() == "many":
        raise ConfigurationError("cardinality MANY is not supported by this host")
    if binding.get("isSessionsEnabled"):
        raise ConfigurationError("sessions are not supported by this host")
    if binding.get("autoCompleteMessages") is False:
        raise ConfigurationError("autoCompleteMessages=false is not supported by this host")
    topic = binding.get("topicName")
    return MessageTrigger(
        connection=str(binding.get("connection") or "ServiceBus"),
        entity=resolve(topic or binding["queueName"], app_settings),
        subscription=resolve(binding["subscriptionName"], app_settings) if topic else None,
        binary=str(binding.get("dataType", "")).lower() == "binary",
    )
