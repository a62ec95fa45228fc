"""Loopback ports: kept from the last run where they are still free."""

import socket

from devhost.errors import StackError

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether nothing listens on the port; connections of an earlier run that still linger do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nothing used a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def choose(names: tuple[str, ...], earlier: dict[str, int]) -> dict[str, int]:
    """Give every name its earlier port if that is still free, else a fresh one; no port twice."""
    chosen: dict[str, int] = {}
    for name in names:
        port = earlier.get(name, 0)
        while port == 0 or port in chosen.values() or not is_free(port):
            port = free_port()
        chosen[name] = port
    return chosen


def require_free(port: int) -> None:
    """Refuse a port that something else listens on."""
    if not is_free(port):
        raise StackError(f"port {port} on {LOOPBACK} is taken: choose another with --port, or PORT= with make")
