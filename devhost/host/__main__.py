"""`python -m devhost.host --app DIR --port N --data DIR`: run an Azure Functions app on this machine."""

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from typing import NoReturn

from devhost.host.errors import ConfigurationError
from devhost.host.host import Host
from devhost.host.journal import Journal
from devhost.host.lifeline import end_with_parent, watch_stdin
from devhost.host.settings import read_settings

LOOPBACK = "127.0.0.1"


class _Options(argparse.ArgumentParser):
    """Answers a wrong option with one line."""

    def error(self, message: str) -> NoReturn:
        """End with code 2."""
        _refuse(message)


def _refuse(message: str) -> NoReturn:
    print(f"devhost.host: {message}", file=sys.stderr)
    sys.exit(2)


def _listen(port: int) -> socket.socket:
    # The protocol is named because asyncio turns Nagle off for such sockets only.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(512)
    except (OSError, OverflowError) as error:
        listener.close()
        raise ConfigurationError(f"cannot listen on {LOOPBACK}:{port}: {error}") from None
    return listener


async def _run(host: Host) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watch_stdin(loop, stop.set)
    await host.run(stop)


def main() -> None:
    """Read the options and run until told to stop."""
    parser = _Options(prog="devhost.host", description="Run an Azure Functions app locally.")
    parser.add_argument("--app", type=Path, required=True, help="folder with function_app.py and host.json")
    parser.add_argument("--port", type=int, required=True, help="loopback port of the HTTP functions; 0 for any")
    parser.add_argument("--data", type=Path, required=True, help="folder for keys and the timers' status")
    options = parser.parse_args()
    end_with_parent(os.getppid(), signal.SIGTERM)
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    try:
        settings = read_settings(options.app)
        options.data.mkdir(parents=True, exist_ok=True)
        listener = _listen(options.port)
        host = Host(
            app=options.app.resolve(),
            data=options.data.resolve(),
            listener=listener,
            settings=settings,
            app_settings=dict(os.environ),
            journal=Journal(),
        )
        asyncio.run(_run(host))
    except (ConfigurationError, OSError) as error:
        _refuse(str(error))


if __name__ == "__main__":
    main()
