"""The way out over HTTPS: to admitted origins, at addresses that were checked, with every answer bounded."""

import asyncio
import socket
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from ssl import SSLContext

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from shared.adapters.egress_rules import EgressRules
from shared.domain.errors import Permanent, Transient
from shared.ports.egress import Answer

type Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

MOST_BYTES = 8 * 1024 * 1024
_WITHIN = aiohttp.ClientTimeout(total=30, sock_connect=5)
_AT_ONCE = 20  # calls to one origin
_GZIP = zlib.MAX_WBITS | 16


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return a name's addresses as the system knows them.

    Raises:
        OSError: it knows none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class HttpsEgress:
    """Calls on one session of its own, which keeps no cookies and follows nothing; `close` closes it.

    `tls` is for systems whose certificate this machine does not trust.
    """

    def __init__(
        self,
        rules: EgressRules,
        *,
        resolve: Resolve = resolve,
        tls: SSLContext | None = None,
        most_bytes: int = MOST_BYTES,
        timeout: aiohttp.ClientTimeout = _WITHIN,
    ) -> None:
        self._rules = rules
        self._resolve = resolve
        self._tls = tls
        self._most = most_bytes
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        credential: str | None = None,
    ) -> Answer:
        """See the port."""
        target = self._rules.admitted(url)
        sent = {**(headers or {}), "Accept-Encoding": "gzip", **self._rules.proof(credential, target)}
        try:
            async with self._opened().request(
                method, target, headers=sent, data=body, allow_redirects=False
            ) as response:
                if 300 <= response.status < 400:
                    raise Permanent("redirected")
                content = await _content(response, self._most)
                told = {name.lower(): value for name, value in response.headers.items()}
                return Answer(status=response.status, headers=told, body=content)
        except TimeoutError:
            raise Transient("timed_out") from None
        except aiohttp.ClientSSLError:
            raise Transient("certificate_not_trusted") from None
        except (aiohttp.ClientError, OSError):
            raise Transient("unreachable") from None

    async def close(self) -> None:
        """Close every connection; a later call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=_Checked(self._rules, self._resolve),
                    use_dns_cache=False,
                    ssl=self._tls or True,
                    limit_per_host=_AT_ONCE,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=self._timeout,
                headers={"User-Agent": "spinpanel-privacy"},
            )
        return self._session


class _Checked(AbstractResolver):
    """Hands the connection the very addresses that were checked: nobody resolves the name a second time."""

    def __init__(self, rules: EgressRules, resolve: Resolve) -> None:
        self._rules = rules
        self._resolve = resolve

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - the base class's
    ) -> list[ResolveResult]:
        addresses = await self._resolve(host, port)
        self._rules.must_fit(host, port, addresses)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing is open."""


async def _content(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Read a body whole, bounded on the wire and unpacked."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        raise Permanent("answer_unreadable")
    if (response.content_length or 0) > most:
        raise Permanent("answer_too_large")
    inflater = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
    found, on_wire = bytearray(), 0
    async for piece in response.content.iter_any():
        on_wire += len(piece)
        found += _inflated(inflater, piece, most + 1 - len(found)) if inflater else piece
        if on_wire > most or len(found) > most:
            raise Permanent("answer_too_large")
    if inflater and on_wire and not inflater.eof:
        raise Transient("interrupted")
    return bytes(found)


def _inflated(inflater: "zlib._Decompress", piece: bytes, most: int) -> bytes:
    try:
        unpacked = inflater.decompress(piece, most)
    except zlib.error:
        raise Permanent("answer_unreadable") from None
    if inflater.unused_data:
        raise Permanent("answer_unreadable")
    return unpacked
