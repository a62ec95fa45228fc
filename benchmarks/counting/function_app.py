"""The same app, with every table, blob and bus operation it makes counted by kind into `OPERATION_COUNTS`."""

import atexit
import importlib.util
import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from aiohttp import ClientSession  # noqa: E402

from shared import wiring  # noqa: E402
from shared.messages.commands import AnyCommand  # noqa: E402

counts: Counter[str] = Counter()
_request = ClientSession._request  # noqa: SLF001


def _kind(method: str, url: str) -> str | None:
    parts = urlsplit(url)
    account = parts.path.split("/")[1] if parts.path.count("/") else ""
    query = parse_qs(parts.query)
    if account == "spindata":
        return "store read" if method == "GET" else "store write"
    if account in {"spinstate", "spinkeys"}:
        if parts.path.endswith("/$batch"):
            return "table batch"
        if method == "GET":
            return "table read" if "PartitionKey='" in parts.path else "table query"
        return "table write"
    if account == "spinexports":
        return f"blob {method.lower()} {query.get('comp', [''])[0]}".strip()
    return None


async def _counted(session: ClientSession, method: str, url: Any, **options: Any) -> Any:
    kind = _kind(method, str(url))
    if kind is not None:
        counts[kind] += 1
    return await _request(session, method, url, **options)


ClientSession._request = _counted  # type: ignore[method-assign,assignment]  # noqa: SLF001


class _Bus:
    """The real bus, each call of which is counted as one send for every entity it goes to."""

    def __init__(self, bus: Any) -> None:
        self._bus = bus

    async def send(self, commands: Sequence[AnyCommand], delay: timedelta | None = None) -> None:
        counts["bus send"] += len({command.kind for command in commands})
        await self._bus.send(commands, delay)


class CountingServices(wiring.Services):
    """The graph with a counted bus."""

    @cached_property
    def bus(self) -> Any:
        """The counted bus."""
        return _Bus(super().bus)


def _write() -> None:
    target = Path(os.environ["OPERATION_COUNTS"])
    fresh = target.with_suffix(".new")
    fresh.write_text(json.dumps(counts))
    fresh.replace(target)


def _keep_writing() -> None:
    _write()
    timer = threading.Timer(0.5, _keep_writing)
    timer.daemon = True
    timer.start()


def _real_app() -> Any:
    spec = importlib.util.spec_from_file_location("real_function_app", ROOT / "function_app.py")
    if spec is None or spec.loader is None:
        raise ImportError("function_app.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.app


from shared.settings import Settings  # noqa: E402

wiring.override(CountingServices(Settings()))
atexit.register(_write)
_keep_writing()
app = _real_app()
