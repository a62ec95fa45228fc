"""What the host prints: one line per invocation, the worker's lines, and what went wrong."""

import asyncio
import contextlib
import sys
from datetime import UTC, datetime

_MOMENT = 0.01
"""Seconds. A write to a pipe costs as much as the rest of an invocation."""


class Journal:
    """Lines on standard output. Never a query, header, body or message text."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def line(self, text: str) -> None:
        """Print one line, together with others that come within a moment."""
        if not self._lines:
            asyncio.get_running_loop().call_later(_MOMENT, self.flush)
        self._lines.append(text)

    def flush(self) -> None:
        """Print what waits; a reader that went away stops nothing."""
        text = "".join(f"{line}\n" for line in self._lines)
        self._lines.clear()
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.write(text)
            sys.stdout.flush()

    def host(self, text: str) -> None:
        """Say something about the host itself."""
        self.line(f"{_now()} host {text}")

    def worker(self, text: str) -> None:
        """Pass on a line of the worker process."""
        self.line(f"worker | {text}")

    def invocation(
        self, function: str, invocation: str, trigger: str, outcome: str, status: int | str, milliseconds: float
    ) -> None:
        """Record how one invocation ended."""
        self.line(f"{_now()} {function} {invocation} {trigger} {outcome} {status} {milliseconds:.1f}ms")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
