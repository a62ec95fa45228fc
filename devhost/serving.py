"""Serves a small ASGI application inside this process, which keeps its own signal handlers."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.applications import Starlette

from devhost.certificates import Certificates
from devhost.ports import LOOPBACK


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()


@contextlib.asynccontextmanager
async def serving(application: Starlette, port: int, tls: Certificates | None = None) -> AsyncIterator[None]:
    """Answer on the loopback address for as long as the context lives."""
    server = _Server(
        uvicorn.Config(
            application,
            host=LOOPBACK,
            port=port,
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
            ssl_certfile=str(tls.certificate) if tls else None,
            ssl_keyfile=str(tls.key) if tls else None,
        )
    )
    task = asyncio.create_task(server.serve())
    try:
        await server.answers.wait()
        yield
    finally:
        server.should_exit = True
        await task
