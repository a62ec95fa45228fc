"""The way out: the same promises in memory and over real TLS, and what only the real one can break."""

import asyncio
import datetime as dt
import gzip
import ssl
import tracemalloc
import zlib

import aiohttp
import pytest
from aiohttp import web

from devhost import certificates
from shared.adapters.egress_rules import Credential, EgressRules
from shared.adapters.https_egress import HttpsEgress
from shared.adapters.memory_egress import MemoryEgress, Sent
from shared.domain.errors import Permanent, Transient
from shared.ports.egress import Answer

MOST = 100_000
QUICK = aiohttp.ClientTimeout(total=0.5)


async def here(host, port):
    return ["127.0.0.1"]


class InMemory:
    url = "https://vendor.example"

    def __init__(self):
        self.sent = []
        self.answer = says(b"")

    def egress(self, *, origins=None, credentials=None):
        return MemoryEgress(
            self._answer, origins=origins or (lambda: [self.url]), credentials=credentials, most_bytes=MOST
        )

    async def _answer(self, sent):
        self.sent.append(sent)
        return await self.answer(sent)

    async def close(self):
        """Nothing is open."""


class OverTls(InMemory):
    """A server in this process, under a certificate for `localhost`, and a resolver that says where that is."""

    def __init__(self, tls):
        super().__init__()
        self._tls = tls
        self._opened = []

    async def start(self):
        server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server.load_cert_chain(self._tls.certificate, self._tls.key)
        application = web.Application(client_max_size=10 * MOST)
        application.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(application)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=server)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]
        self.url = f"https://localhost:{self.port}"
        return self

    def egress(self, *, origins=None, credentials=None, local=None, resolve=here, **more):
        rules = EgressRules(origins or (lambda: [self.url]), credentials or {}, [self.url] if local is None else local)
        tls = ssl.create_default_context(cafile=str(self._tls.bundle))
        made = HttpsEgress(rules, resolve=resolve, tls=tls, most_bytes=MOST, **more)
        self._opened.append(made)
        return made

    async def _handle(self, request):
        self.request = request
        sent = Sent(
            method=request.method, url=str(request.url), headers=dict(request.headers), body=await request.read()
        )
        answer = await self._answer(sent)
        if isinstance(answer, web.StreamResponse):
            return answer
        return web.Response(status=answer.status, headers=dict(answer.headers), body=answer.body)

    async def close(self):
        for one in self._opened:
            await one.close()
        await self._runner.cleanup()


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    return certificates.ensure(tmp_path_factory.mktemp("egress"), dt.datetime.now(dt.UTC))


@pytest.fixture
async def over_tls(tls):
    made = await OverTls(tls).start()
    yield made
    await made.close()


@pytest.fixture(params=["memory", "https"])
async def system(request, tls):
    made = await OverTls(tls).start() if request.param == "https" else InMemory()
    yield made
    await made.close()


def says(body, status=200, **headers):
    async def answer(sent):
        return Answer(status=status, headers=headers, body=body)

    return answer


async def refused(call, error):
    with pytest.raises(error) as caught:
        await call
    assert caught.value.__cause__ is None
    return caught.value.code


@pytest.mark.parametrize("status", [200, 202, 404, 429, 500, 503])
async def test_an_answer_comes_back_whole_whatever_its_status(system, status):
    system.answer = says(b"a body", status, **{"retry-after": "7"})
    answer = await system.egress().call("POST", f"{system.url}/a/b?c=d", headers={"X-Mine": "m"}, body=b"sent")
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (status, b"a body", "7")
    (sent,) = system.sent
    assert (sent.method, sent.url, sent.body) == ("POST", f"{system.url}/a/b?c=d", b"sent")
    assert sent.headers["X-Mine"] == "m"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("{url}.evil.example/", id="a longer name"),
        pytest.param("https://other.example/", id="another name"),
        pytest.param("{url}9/", id="another port"),
        pytest.param("http://{rest}/", id="no TLS"),
        pytest.param("https://me:secret@{rest}/", id="a name and password"),
        pytest.param("https://me@{rest}/", id="a name"),
        pytest.param("https://{rest}@other.example/", id="the name as a user"),
        pytest.param("https://other.example#@{rest}/", id="the name in a fragment"),
        pytest.param("https://other.example\\@{rest}/", id="a backslash"),
        pytest.param("ftp://{rest}/", id="another scheme"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param("//{rest}/", id="no scheme"),
        pytest.param("", id="nothing"),
    ],
)
async def test_only_origins_of_the_map_are_called(system, url):
    rest = system.url.removeprefix("https://")
    code = await refused(system.egress().call("GET", url.format(url=system.url, rest=rest)), Permanent)
    assert code == "host_not_allowed"
    assert system.sent == []


async def test_the_map_is_asked_at_every_call(system):
    listed = [system.url]
    egress = system.egress(origins=lambda: listed)
    assert (await egress.call("GET", system.url)).status == 200
    listed.clear()
    assert await refused(egress.call("GET", system.url), Permanent) == "host_not_allowed"


async def test_a_credential_goes_to_its_own_origin_alone(system):
    held = {
        "VENDOR_ONE": Credential(origin=system.url, token="t0ken"),
        "ELSEWHERE": Credential(origin="https://other.example", token="t0ken"),
        "UNRESOLVED": Credential(origin=system.url, token="@Microsoft.KeyVault(SecretUri=https://v.example/s)"),
        "BROKEN": Credential(origin=system.url, token="two\r\nlines"),
        "NOWHERE": Credential(origin="", token="t0ken"),
    }
    egress = system.egress(credentials=held)
    await egress.call("GET", system.url, credential="vendor-one")
    assert system.sent[0].headers["Authorization"] == "Bearer t0ken"
    for name in ("elsewhere", "unresolved", "broken", "nowhere", "unheard-of"):
        assert await refused(egress.call("GET", system.url, credential=name), Permanent) == "credential_missing"
    await egress.call("GET", system.url)
    assert len(system.sent) == 2
    assert "Authorization" not in system.sent[1].headers
    assert "t0ken" not in repr(held)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(system, status):
    system.answer = says(b"", status, Location=f"{system.url}/elsewhere")
    assert await refused(system.egress().call("POST", system.url, body=b"x"), Permanent) == "redirected"
    assert len(system.sent) == 1


async def test_an_answer_may_have_so_many_bytes_and_no_more(system):
    egress = system.egress()
    system.answer = says(b"a" * MOST)
    assert len((await egress.call("GET", system.url)).body) == MOST
    system.answer = says(b"a" * (MOST + 1))
    assert await refused(egress.call("GET", system.url), Permanent) == "answer_too_large"


NOTHING = b"\x00\x00\x00\xff\xff"  # a block of a gzip stream that unpacks to nothing


@pytest.mark.parametrize(
    ("first", "piece", "encoding"),
    [
        pytest.param(b"", b"a", "identity", id="plain"),
        pytest.param(gzip.compress(b"")[:10], NOTHING, "gzip", id="gzip of nothing"),
    ],
)
async def test_an_endless_answer_ends_at_the_limit(over_tls, first, piece, encoding):
    written = 0

    async def endless(sent):
        nonlocal written
        answer = web.StreamResponse(headers={"Content-Encoding": encoding})
        await answer.prepare(over_tls.request)
        await answer.write(first)
        while True:
            await answer.write(piece * 2000)
            written += len(piece) * 2000

    over_tls.answer = endless
    assert await refused(over_tls.egress().call("GET", over_tls.url), Permanent) == "answer_too_large"
    assert written >= MOST


async def test_a_bomb_is_not_unpacked_before_it_is_refused(over_tls):
    over_tls.answer = says(gzip.compress(b"a" * 50_000_000), **{"Content-Encoding": "gzip"})
    tracemalloc.start()
    try:
        assert await refused(over_tls.egress().call("GET", over_tls.url), Permanent) == "answer_too_large"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert MOST < peak < 50 * MOST


async def test_gzip_is_unpacked_within_the_same_limit(over_tls):
    egress = over_tls.egress()
    zipped = {"Content-Encoding": "gzip"}
    over_tls.answer = says(gzip.compress(b"a" * MOST), **zipped)
    assert (await egress.call("GET", over_tls.url)).body == b"a" * MOST
    over_tls.answer = says(gzip.compress(b"a" * (MOST + 1)), **zipped)
    assert await refused(egress.call("GET", over_tls.url), Permanent) == "answer_too_large"
    over_tls.answer = says(b"", **zipped)
    assert (await egress.call("GET", over_tls.url)).body == b""


@pytest.mark.parametrize(
    ("body", "encoding", "error", "code"),
    [
        pytest.param(b"not gzip", "gzip", Permanent, "answer_unreadable", id="no gzip"),
        pytest.param(gzip.compress(b"one") + b"two", "gzip", Permanent, "answer_unreadable", id="more after it"),
        pytest.param(gzip.compress(b"a" * 999)[:-9], "gzip", Transient, "interrupted", id="cut short"),
        pytest.param(zlib.compress(b"one"), "deflate", Permanent, "answer_unreadable", id="another encoding"),
        pytest.param(gzip.compress(b"one"), "gzip, gzip", Permanent, "answer_unreadable", id="twice"),
    ],
)
async def test_what_cannot_be_unpacked_is_refused(over_tls, body, encoding, error, code):
    over_tls.answer = says(body, **{"Content-Encoding": encoding})
    assert await refused(over_tls.egress().call("GET", over_tls.url), error) == code


async def test_a_name_is_resolved_once_and_its_checked_address_is_the_one_called(over_tls):
    asked = []

    async def rebinding(host, port):
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    egress = over_tls.egress(resolve=rebinding)
    assert (await egress.call("GET", over_tls.url)).status == 200
    assert asked == [("localhost", over_tls.port)]
    assert over_tls.sent[0].headers["Host"] == f"localhost:{over_tls.port}"
    await egress.close()
    assert await refused(egress.call("GET", over_tls.url), Permanent) == "address_not_public"
    assert len(over_tls.sent) == 1


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["::1"], ["8.8.8.8", "192.168.0.1"], ["::ffff:127.0.0.1"]],
)
async def test_a_name_with_an_address_that_is_not_public_is_not_called(over_tls, addresses):
    async def inwards(host, port):
        return addresses

    egress = over_tls.egress(local=[], resolve=inwards)
    assert await refused(egress.call("GET", over_tls.url), Permanent) == "address_not_public"
    assert over_tls.sent == []


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "127.1", "0x7f.0.0.1", "2130706433"])
async def test_an_address_in_the_map_itself_is_looked_at_too(over_tls, host):
    url = f"https://{host}:{over_tls.port}"
    code = await refused(over_tls.egress(origins=lambda: [url], local=[]).call("GET", url), Permanent)
    assert code in {"address_not_public", "host_not_allowed"}
    assert over_tls.sent == []


async def test_a_local_origin_leads_to_this_machine_and_nowhere_else(over_tls):
    async def away(host, port):
        return ["8.8.8.8"]

    egress = over_tls.egress(resolve=away)
    assert await refused(egress.call("GET", over_tls.url), Permanent) == "address_not_public"


async def test_a_certificate_must_be_the_names_own(over_tls):
    url = f"https://vendor.example:{over_tls.port}"
    egress = over_tls.egress(origins=lambda: [url], local=[url])
    assert await refused(egress.call("GET", url), Transient) == "certificate_not_trusted"
    assert over_tls.sent == []


async def test_who_does_not_answer_in_time_may_have_done_it(over_tls):
    never = asyncio.Event()

    async def silent(sent):
        await never.wait()
        return Answer(status=200, headers={}, body=b"")

    over_tls.answer = silent
    assert await refused(over_tls.egress(timeout=QUICK).call("POST", over_tls.url), Transient) == "timed_out"
    assert len(over_tls.sent) == 1
    never.set()


async def test_nobody_there_is_unreachable(over_tls):
    async def unknown(host, port):
        raise OSError("no such name")

    assert await refused(over_tls.egress(resolve=unknown).call("GET", over_tls.url), Transient) == "unreachable"


async def test_no_cookie_is_kept_and_nothing_names_this_program_further(over_tls):
    over_tls.answer = says(b"", **{"Set-Cookie": "a=b"})
    egress = over_tls.egress()
    for _ in range(2):
        await egress.call("GET", over_tls.url)
    assert [one.headers.get("Cookie") for one in over_tls.sent] == [None, None]
    assert over_tls.sent[0].headers["User-Agent"] == "spinpanel-privacy"
