"""The settings of services outside: refused by name where the connector cannot work with them."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from shared.connectors._ways import refusal
from shared.domain.data_map import Dataset, Service
from shared.domain.errors import DataMapInvalid

_NEEDS, _TAKES = frozenset({"url", "answers"}), frozenset({"credential", "poll_every"})
_ANSWERS = ("at_once", "polling", "callback")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_NAME = re.compile(r"[!-~]{1,40}")  # of a dataset: it stands in a header, and comes back in an outcome
_duration = TypeAdapter(timedelta)


def poll_every(service: Service) -> timedelta | None:
    """Return how often a service is asked that is asked again."""
    told = service.settings.get("poll_every")
    return None if told is None else _duration.validate_python(told)


def check_name(dataset: Dataset) -> None:
    """Refuse a name that cannot stand in a header.

    Raises:
        DataMapInvalid: names the dataset and the setting.
    """
    if not _NAME.fullmatch(dataset.settings["name"]):
        raise refusal(dataset, "settings: name", "is not 1 to 40 visible ASCII characters")


def check_outside(service: Service) -> None:
    """Refuse a service whose settings do not fit together.

    Raises:
        DataMapInvalid: names the service and the setting.
    """
    settings: dict[str, Any] = service.settings
    if not set(settings) >= _NEEDS or set(settings) - _NEEDS - _TAKES or not all(settings.values()):
        raise _wrong(service, "`url` and `answers` are asked, `credential` and `poll_every` taken")
    try:
        url = urlsplit(settings["url"])
    except ValueError:
        raise _wrong(service, "url: is no plain URL") from None
    if not url.hostname or url.query or url.fragment or url.username or url.password:
        raise _wrong(service, "url: is no plain URL")
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
        raise _wrong(service, "url: https is asked")
    if settings["answers"] not in _ANSWERS:
        raise _wrong(service, f"answers: known are {', '.join(_ANSWERS)}")
    if ("poll_every" in settings) != (settings["answers"] == "polling"):
        raise _wrong(service, "poll_every: goes with `answers: polling`, and nothing else")
    try:
        every = poll_every(service)
    except ValidationError:
        every = timedelta(0)
    if every is not None and every < timedelta(seconds=1):
        raise _wrong(service, "poll_every: is no duration of a second or longer")


def _wrong(service: Service, reason: str) -> DataMapInvalid:
    return DataMapInvalid(f"service {service.id}: settings: {reason}")
