"""The broker as a whole: its store, its entities and its listening socket."""

import asyncio
from pathlib import Path

from devhost.servicebus.entities.namespace import Namespace
from devhost.servicebus.entities.settings import Config
from devhost.servicebus.entities.timers import Timers
from devhost.servicebus.entities.turn import Turn
from devhost.servicebus.errors import AmqpError, StoreError
from devhost.servicebus.server.connection import Connection
from devhost.servicebus.store import Store

HOST = "127.0.0.1"


class Broker:
    """Made inside a running event loop; `failed` ends with the error that makes going on impossible."""

    def __init__(self, config: Config, database: Path, key: str) -> None:
        loop = asyncio.get_running_loop()
        self.key = key
        self.failed: asyncio.Future[None] = loop.create_future()
        self.connections: set[Connection] = set()
        self.timers = Timers(loop)
        self._store = Store(database)
        self.turn = Turn(loop, self._store, self._fail)
        self.namespace = Namespace(config, self._store, self.timers, self.turn)
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> int:
        """Listen on the loopback address and return the port.

        Raises:
            OSError: The port is taken.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), HOST, port)
        return int(self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Take no more, commit, tell the clients and close."""
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.fail(AmqpError("amqp:connection:forced", "The broker is shutting down."))
        if not self.failed.done():
            self.turn.end()
        self.timers.stop()
        self._store.close()

    def _fail(self, error: StoreError) -> None:
        if not self.failed.done():
            self.failed.set_exception(error)
