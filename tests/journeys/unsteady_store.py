"""A store's tables behind a proxy that passes every call on, but for those it was told to spoil."""

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

from aiohttp import ClientSession, DummyCookieJar, TCPConnector, web
from yarl import URL

from devhost.certificates import Certificates
from devhost.ports import LOOPBACK

PATIENCE = 60.0
_OF_ONE_CONNECTION = {"host", "connection", "transfer-encoding", "content-length", "keep-alive"}
_LARGEST = 8 * 1024 * 1024

type Moment = Literal["before", "after"]
type Then = Literal["done", "dropped"]


class UnsteadyStore:
    """What is wrong with the store at the moment; `met` counts the calls that each fault spoiled."""

    def __init__(self) -> None:
        self.behind = ""
        self.pause = 0.0  # seconds that every call takes longer
        self.calls = 0
        self.met: Counter[str] = Counter()
        self._spoiled: dict[str, tuple[int, bool]] = {}
        self._hold: _Hold | None = None

    def spoil(self, kind: str, times: int, *, deletions: bool = False) -> None:
        """Spoil the next calls, or deletions: a status as the answer, or `lost`: done, but not answered."""
        self._spoiled[kind] = (times, deletions)

    async def struck(self, kind: str, times: int) -> None:
        """Wait until so many calls were spoiled."""
        await _true(lambda: self.met[kind] >= times)

    async def called_again(self) -> None:
        """Wait until somebody calls who had not called yet."""
        calls = self.calls
        await _true(lambda: self.calls > calls)

    @asynccontextmanager
    async def holding(self, moment: Moment, then: Then) -> AsyncIterator[asyncio.Event]:
        """Hold the next deletion, before or after it is done, while others pass; yield what is set once it is held.

        When the context ends it is let go, and what was held before it was done is `done` or `dropped`.
        """
        hold = self._hold = _Hold(moment, then)
        try:
            yield hold.held
        finally:
            self._hold = None
            hold.over.set()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        self.calls += 1
        await asyncio.sleep(self.pause)
        body = await request.read()
        deletes = b"\r\nDELETE " in body
        kind = self._fault(deletes=deletes)
        if kind.isdigit():
            return web.Response(status=int(kind), headers={"Retry-After": "1"})
        hold = None
        if deletes:
            hold, self._hold = self._hold, None
        if hold is not None and hold.moment == "before" and not await hold.passes():
            return _cut_off(request)
        answered = await self._passed_on(request, body)
        if hold is not None and hold.moment == "after":
            await hold.passes()
        return _cut_off(request) if kind == "lost" else answered

    def _fault(self, *, deletes: bool) -> str:
        for kind, (times, deletions) in self._spoiled.items():
            if times and (deletes or not deletions):
                self._spoiled[kind] = (times - 1, deletions)
                self.met[kind] += 1
                return kind
        return ""

    async def _passed_on(self, request: web.Request, body: bytes) -> web.Response:
        session = request.app[_SESSION]
        url = f"{self.behind}{request.rel_url.raw_path_qs}"
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_ONE_CONNECTION}
        async with session.request(request.method, _verbatim(url), data=body, headers=headers) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _OF_ONE_CONNECTION}
            return web.Response(status=answer.status, headers=kept, body=await answer.read())


class _Hold:
    def __init__(self, moment: Moment, then: Then) -> None:
        self.moment = moment
        self.held, self.over = asyncio.Event(), asyncio.Event()
        self._then = then

    async def passes(self) -> bool:
        """Wait for the end; whether what was held goes on."""
        self.held.set()
        await self.over.wait()
        return self._then == "done"


@asynccontextmanager
async def unsteady_store(port: int, tls: Certificates) -> AsyncIterator[UnsteadyStore]:
    """Serve one for as long as the context lives; set `behind` to the origin of the true one."""
    store = UnsteadyStore()
    app = web.Application(client_max_size=_LARGEST)
    app.router.add_route("*", "/{rest:.*}", store.answer)
    trusting = ssl.create_default_context(cafile=str(tls.bundle))
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(tls.certificate, tls.key)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    connector = TCPConnector(ssl=trusting)
    async with ClientSession(connector=connector, auto_decompress=False, cookie_jar=DummyCookieJar()) as session:
        app[_SESSION] = session
        await runner.setup()
        try:
            await web.TCPSite(runner, LOOPBACK, port, ssl_context=own).start()
            yield store
        finally:
            await runner.cleanup()


_SESSION: web.AppKey[ClientSession] = web.AppKey("session", ClientSession)


def _verbatim(url: str) -> URL:
    return URL(url, encoded=True)


def _cut_off(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _true(look: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < give_up, "nobody calls"
        await asyncio.sleep(0.05)
