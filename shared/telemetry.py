"""The trace that a piece of work belongs to (W3C Trace Context), carried from the edge to the bus and back."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_W3C = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)


@contextmanager
def within_trace(traceparent: str | None) -> Iterator[None]:
    """Do what follows as part of a trace. What is not in W3C form, and may hold anything, is no trace."""
    token = _traceparent.set(traceparent if _W3C.fullmatch(traceparent or "") else None)
    try:
        yield
    finally:
        _traceparent.reset(token)


def traceparent() -> str | None:
    """Return the header of the trace at work, if any."""
    return _traceparent.get()
