"""Run the broker: python -m devhost.servicebus --config FILE --database FILE --port N."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path
from typing import NoReturn

from devhost.servicebus.broker import HOST, Broker
from devhost.servicebus.config import load_config
from devhost.servicebus.entities.settings import Config
from devhost.servicebus.errors import ConfigError, StoreError


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Print the line and exit with 2."""
        self.exit(2, f"servicebus: {message}\n")


def main() -> int:
    """Run until told to stop and return the exit code."""
    options = _options()
    try:
        return asyncio.run(_serve(load_config(options.config), options))
    except (ConfigError, StoreError) as error:
        print(f"servicebus: {error}", file=sys.stderr)
    except OSError as error:
        print(f"servicebus: cannot listen on {HOST}:{options.port}: {error.strerror}", file=sys.stderr)
    return 2


def _options() -> argparse.Namespace:
    parser = OneLineParser(prog="python -m devhost.servicebus", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="entities, as in the emulator's Config.json")
    parser.add_argument("--database", type=Path, required=True, help="SQLite file, made if missing")
    parser.add_argument("--port", type=_port, required=True, help="loopback port; 0 picks a free one")
    parser.add_argument("--key", default="local", help="the shared access key named 'local'")
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number")
    return int(text)


async def _serve(config: Config, options: argparse.Namespace) -> int:
    """Serve until told to stop; the exit code is 1 when the database fails under way."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    broker = Broker(config, options.database, options.key)
    try:
        port = await broker.start(options.port)
        print(f"ready amqp://{HOST}:{port}", flush=True)
        waiting = asyncio.ensure_future(stopped.wait())
        await asyncio.wait((waiting, broker.failed), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if broker.failed.done():
            print(f"servicebus: {broker.failed.exception()}", file=sys.stderr)
            return 1
        return 0
    finally:
        broker.stop()


if __name__ == "__main__":
    sys.exit(main())
