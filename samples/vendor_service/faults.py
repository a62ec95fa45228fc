"""What goes wrong at vendors, on demand: each call here makes the next answers of one path go wrong."""

import asyncio
import gzip
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

SLOW = 3600.0
_HUGE = 16 * 1024 * 1024
ANSWERS: dict[str, Callable[[], Response]] = {
    "throttled": lambda: Response(status_code=429, headers={"Retry-After": "7"}),
    "broken": lambda: Response("Traceback (most recent call last)", status_code=500),
    "denied": lambda: Response(status_code=401),
    "empty": lambda: Response(b"", media_type="application/json"),
    "garbage": lambda: Response(b'{"status": "done", "count": 1, "rem', media_type="application/json"),
    "claims_without_count": lambda: JSONResponse({"status": "done"}),
    "claims_with_rest": lambda: JSONResponse({"status": "done", "count": 3, "remaining": 1}),
    "gave_up": lambda: JSONResponse({"status": "failed"}),
    "huge": lambda: Response(b"[" + b"0," * (_HUGE // 2) + b"0]", media_type="application/json"),
    "bomb": lambda: Response(
        gzip.compress(b"0" * _HUGE), media_type="application/json", headers={"Content-Encoding": "gzip"}
    ),
    "redirect": lambda: Response(status_code=307, headers={"Location": "/erasure"}),
    "taken_over": lambda: JSONResponse({"job": "some-job"}, status_code=202),
}


class Faults:
    """What is to go wrong, by path, and how often."""

    def __init__(self) -> None:
        self._set: dict[str, tuple[str, int]] = {}

    def set(self, path: str, kind: str, times: int) -> None:
        """Let the next answers of a path go wrong."""
        self._set[path] = (kind, times)

    def take(self, path: str) -> str | None:
        """Return what goes wrong there now."""
        kind, left = self._set.get(path, ("", 0))
        if not left:
            return None
        self._set[path] = (kind, left - 1)
        return kind


class Faulty:
    """Stands before the vendor's API. `PUT /faults/{path}?kind=…&times=…` sets what goes wrong there."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer wrongly, or let the vendor answer."""
        answer = await self._answer(Request(scope, receive))
        await (answer or self._app)(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        if request.method == "PUT" and request.url.path.startswith("/faults/"):
            asked = request.query_params
            self._faults.set(request.url.path.rpartition("/")[2], asked["kind"], int(asked.get("times", "1")))
            return Response(status_code=204)
        kind = self._faults.take(request.url.path.strip("/").partition("/")[0])
        if kind == "slow":
            await asyncio.sleep(SLOW)
        return ANSWERS[kind]() if kind in ANSWERS else None
