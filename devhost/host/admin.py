"""The host's own routes under /admin: its status, its functions, and starting one by hand. All take the master key."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from devhost.host.asgi import Receive, Send, read_body, respond, respond_json
from devhost.host.catalogue import Function, HttpTrigger
from devhost.host.keys import Keys

type Start = Callable[[Function, str], Awaitable[None]]


@dataclass(kw_only=True)
class Admin:
    """Answers administrators."""

    keys: Keys
    functions: list[Function]
    problem: str | None
    """Why the app could not be loaded."""
    start: Start
    """Starts a function by hand with an input, and ends when it has ended."""
    address: str
    _began: float = field(default_factory=time.monotonic, init=False)
    _started: set[asyncio.Future[None]] = field(default_factory=set, init=False)

    async def answer(
        self, method: str, path: str, headers: Mapping[str, str], key: str, receive: Receive, send: Send
    ) -> None:
        """Answer one request below /admin."""
        if not self.keys.is_master(key):
            await respond(send, 401)
            return
        match method, path.rstrip("/").split("/")[2:]:
            case "GET", ["host", "status"]:
                await respond_json(send, 200, self._status())
            case "GET", ["functions"]:
                await respond_json(send, 200, [self._describe(function) for function in self.functions])
            case "POST", ["functions", name]:
                await self._start(name, await read_body(headers.get("content-length"), receive), send)
            case _:
                await respond(send, 404)

    async def _start(self, name: str, body: bytes, send: Send) -> None:
        function = next((f for f in self.functions if f.name.lower() == name.lower()), None)
        if function is None or not function.runs:
            await respond(send, 404)
            return
        if isinstance(function.trigger, HttpTrigger):
            await respond_json(send, 400, {"error": "an HTTP function is started by its route"})
            return
        try:
            given = json.loads(body)["input"]
        except (ValueError, KeyError, TypeError):
            await respond_json(send, 400, {"error": 'the body must be {"input": "..."}'})
            return
        run = asyncio.ensure_future(self.start(function, given if isinstance(given, str) else json.dumps(given)))
        self._started.add(run)
        run.add_done_callback(self._started.discard)
        await respond(send, 202)

    def _status(self) -> dict[str, Any]:
        return {
            "state": "Error" if self.problem else "Running",
            "errors": [self.problem] if self.problem else [],
            "processUptime": round((time.monotonic() - self._began) * 1000),
        }

    def _describe(self, function: Function) -> dict[str, Any]:
        route = function.trigger.route if isinstance(function.trigger, HttpTrigger) else None
        return {
            "name": function.name,
            "language": "python",
            "isDisabled": function.disabled,
            "invoke_url_template": None if route is None else f"{self.address}/{route}",
            "config": {"bindings": function.bindings},
            "errors": [function.error] if function.error else [],
        }
