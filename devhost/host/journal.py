"""What the host prints: one line per invocation, the worker's lines, and what went wrong."""

import contextlib
import sys
from datetime import UTC, datetime


class Journal:
    """Lines on standard output. Never a query, header, body or message text."""

    def line(self, text: str) -> None:
        """Print one line; a reader that went away stops nothing."""
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.write(text + "\n")
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
