"""HTTP: routes requests to functions, checks keys, turns results into responses."""

from dataclasses import dataclass, field

from devhost.host.admin import Admin
from devhost.host.asgi import (
    BodyTooLargeError,
    DisconnectedError,
    RawHeaders,
    Receive,
    Scope,
    Send,
    read_body,
    respond,
)
from devhost.host.catalogue import Function, HttpTrigger
from devhost.host.errors import InvocationError
from devhost.host.frames import Header
from devhost.host.invoker import Invoker
from devhost.host.keys import Keys
from devhost.host.requests import http_payload, read_headers, read_query
from devhost.host.routing import Router
from devhost.host.templates import decode_path

_OURS = frozenset({"content-length", "transfer-encoding", "connection"})
"""Headers that the server decides."""


@dataclass(kw_only=True)
class Front:
    """The ASGI application; it answers 503 until its routes are known."""

    invoker: Invoker
    admin: Admin | None = field(default=None, init=False)
    router: Router | None = field(default=None, init=False)
    keys: Keys | None = field(default=None, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            await self._answer(scope, receive, send)
        except BodyTooLargeError:
            await respond(send, 413)
        except DisconnectedError:
            return

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = decode_path(scope["raw_path"])
        headers = read_headers(scope)
        query = read_query(scope)
        key = headers.get("x-functions-key") or query.get("code", "")
        if path.lower() == "/admin" or path.lower().startswith("/admin/"):
            if self.admin is None:
                await respond(send, 503)
            else:
                await self.admin.answer(scope["method"], path, headers, key, receive, send)
            return
        if self.router is None or self.keys is None:
            await respond(send, 503)
            return
        found = self.router.find(scope["method"], path)
        if found is None:
            await respond(send, 404)
            return
        function, trigger, params = found
        if not _allowed(self.keys, key, trigger, function):
            await respond(send, 401)
            return
        body = await read_body(headers.get("content-length"), receive)
        payload = http_payload(scope, headers, query, params)
        try:
            reply, content = await self.invoker.run(function, payload, body, headers.get("traceparent"))
            status, sent = _response(reply)
        except (InvocationError, ValueError):
            await respond(send, 500)
            return
        await respond(send, status, sent, content)


def _allowed(keys: Keys, key: str, trigger: HttpTrigger, function: Function) -> bool:
    match trigger.level:
        case "anonymous":
            return True
        case "admin":
            return keys.is_master(key)
        case _:
            return keys.opens(key, function.name)


def _response(reply: Header) -> tuple[int, RawHeaders]:
    """Status and headers of a reply.

    Raises:
        ValueError: The function answered with what is no HTTP.
    """
    status = int(reply.get("status", 0))
    headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in reply.get("headers", ())]
    if not 200 <= status <= 599 or any(b"\r" in value or b"\n" in value for _, value in headers):
        raise ValueError("no HTTP response")
    return status, [pair for pair in headers if pair[0].lower().decode() not in _OURS]
