"""The few ASGI moves this host needs: read a whole body, send a whole response."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
type RawHeaders = list[tuple[bytes, bytes]]

LARGEST_BODY = 100 * 1024 * 1024
_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class BodyTooLargeError(Exception):
    """The request's body is larger than the host takes."""


class DisconnectedError(Exception):
    """The client went away before its request was whole."""


async def read_body(declared: str | None, receive: Receive) -> bytes:
    """Read a body, with or without a declared length.

    Raises:
        BodyTooLargeError: It is, or says it is, over 100 MB.
        DisconnectedError: It never came to its end.
    """
    if declared is not None and declared.isdigit() and int(declared) > LARGEST_BODY:
        raise BodyTooLargeError
    chunks: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise DisconnectedError
        chunk = event.get("body", b"")
        size += len(chunk)
        if size > LARGEST_BODY:
            raise BodyTooLargeError
        chunks.append(chunk)
        if not event.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def respond(send: Send, status: int, headers: RawHeaders | None = None, body: bytes = b"") -> None:
    """Send a whole response with its length."""
    headers = headers or []
    if status not in _WITHOUT_BODY:
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if status in _WITHOUT_BODY else body})


async def respond_json(send: Send, status: int, document: object) -> None:
    """Send a JSON response."""
    body = json.dumps(document).encode()
    await respond(send, status, [(b"content-type", b"application/json; charset=utf-8")], body)
