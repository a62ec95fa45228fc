"""Runs one function once, and records it."""

import os
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from devhost.host.catalogue import Function, HttpTrigger, MessageTrigger
from devhost.host.errors import InvocationError
from devhost.host.frames import Header
from devhost.host.journal import Journal
from devhost.host.supervisor import Reply, Worker

_TRACE_PARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})")


@dataclass(kw_only=True)
class Invoker:
    """Every trigger's way to the worker."""

    worker: Worker
    journal: Journal
    running: int = field(default=0, init=False)
    """How many invocations are in flight."""

    async def run(self, function: Function, payload: Header, body: bytes, traceparent: str | None = None) -> Reply:
        """Run a function with a trigger's payload.

        Raises:
            InvocationError: It did not end well; this is already recorded.
        """
        invocation = str(uuid.uuid4())
        header: dict[str, Any] = {
            "id": invocation,
            "function": function.name,
            "argument": function.argument,
            "traceparent": _continue(traceparent),
            **payload,
        }
        started = time.perf_counter()
        outcome, status = "cancelled", "-"
        self.running += 1
        try:
            reply = await self.worker.call(header, body)
            outcome, status = "succeeded", str(reply[0].get("status", "-"))
        except InvocationError as error:
            outcome, status = "failed", f"({error})"
            raise
        else:
            return reply
        finally:
            self.running -= 1
            spent = (time.perf_counter() - started) * 1000
            self.journal.invocation(function.name, invocation, _kind(function), outcome, status, spent)


def _kind(function: Function) -> str:
    match function.trigger:
        case HttpTrigger():
            return "http"
        case MessageTrigger():
            return "message"
        case _:
            return "timer"


def _continue(traceparent: str | None) -> str:
    """A new span: in the caller's trace when it named one, else in a new trace."""
    known = _TRACE_PARENT.fullmatch(traceparent or "")
    trace, flags = (known[1], known[2]) if known else (os.urandom(16).hex(), "00")
    return f"00-{trace}-{os.urandom(8).hex()}-{flags}"
