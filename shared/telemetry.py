"""The trace that a piece of work belongs to (W3C Trace Context), carried from the edge to the bus and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)


@contextmanager
def within_trace(traceparent: str | None) -> Iterator[None]:
    """Do what follows as part of a trace."""
    token = _traceparent.set(traceparent or None)
    try:
        yield
    finally:
        _traceparent.reset(token)


def traceparent() -> str | None:
    """Return the header of the trace at work, if any."""
    return _traceparent.get()
