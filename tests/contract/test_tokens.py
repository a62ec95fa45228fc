"""The contract of Tokens, over memory and keys served as Entra ID serves them; every classic mistake is refused."""

import asyncio
import base64
import hmac
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from shared.adapters.entra_tokens import EntraTokens
from shared.adapters.memory_tokens import MemoryTokens
from shared.domain.errors import NotSignedIn, Transient
from shared.ports.world import Principal

TENANT, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"
USER, APP = "33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444"
API, SIGN_IN = "55555555-5555-4555-8555-555555555555", "66666666-6666-4666-8666-666666666666"
GONE = object()


def new_key(bits=2048):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


KEY, SECOND, STRANGER, CONSUMER, SMALL = new_key(), new_key(), new_key(), new_key(), new_key(1024)


def jwk(key, kid, **more):
    return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "use": "sig"} | more


class Authority:
    """Serves signing keys, and says how often it was asked."""

    def __init__(self):
        self.asked = 0
        self.status = 200
        self.keys = []
        self.body = None

    async def start(self):
        application = web.Application()
        application.router.add_get("/common/discovery/v2.0/keys", self.answer)
        application.router.add_get("/elsewhere", self.answer_elsewhere)
        self.runner = web.AppRunner(application)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"
        template = f"{self.url}/{{tenantid}}/v2.0"
        self.keys = [
            jwk(KEY, "key", issuer=template),
            jwk(CONSUMER, "consumer", issuer=f"{self.url}/{CONSUMERS}/v2.0"),
            jwk(SMALL, "small", issuer=template),
            {"kty": "EC", "kid": "curve"},
        ]
        return self

    async def answer(self, request):
        self.asked += 1
        if self.status == 302:
            raise web.HTTPFound("/elsewhere")
        if self.body is not None:
            return web.Response(body=self.body)
        return web.json_response({"keys": self.keys}, status=self.status)

    async def answer_elsewhere(self, request):
        return web.json_response({"keys": self.keys})


@pytest.fixture
async def authority():
    authority = await Authority().start()
    yield authority
    await authority.runner.cleanup()


@pytest.fixture
def clock():
    return SimpleNamespace(now=datetime.now(UTC))


@pytest.fixture
def tokens(authority, clock):
    return EntraTokens(authority=authority.url, audience=API, sign_in_client_id=SIGN_IN, clock=lambda: clock.now)


@pytest.fixture
def sign(authority):
    def signed(key=KEY, kid="key", algorithm="RS256", headers=(), **changes):
        now = int(time.time())
        tenant = changes.get("tid", TENANT)
        claims = {
            "iss": f"{authority.url}/{tenant}/v2.0",
            "aud": API,
            "tid": TENANT,
            "oid": USER,
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "ver": "2.0",
            "scp": "openid access_as_user",
            "azp": SIGN_IN,
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not GONE}
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid, **dict(headers)})

    return signed


def app_claims(**changes):
    return {"scp": GONE, "idtyp": "app", "azp": APP, "roles": ["Privacy.Operator"], **changes}


@pytest.fixture(params=["memory", "real"])
def introduced(request):
    """Make tokens good, in memory by saying so, else by signing them."""
    if request.param == "memory":
        memory = MemoryTokens()

        def introduce(principal, nonce=None):
            if nonce is None:
                memory.introduce("token", principal)
            else:
                memory.introduce_sign_in("token", nonce, principal)
            return "token"

        return memory, introduce
    sign = request.getfixturevalue("sign")

    def signed(principal, nonce=None):
        own = {"tid": principal.tenant, "oid": principal.object_id}
        if nonce is not None:
            return sign(**own, nonce=nonce, aud=SIGN_IN, scp=GONE)
        if principal.app:
            return sign(**own, **app_claims(azp=principal.app, roles=sorted(principal.roles)))
        return sign(**own, roles=sorted(principal.roles) or GONE)

    return request.getfixturevalue("tokens"), signed


@pytest.mark.parametrize(
    "principal",
    [
        pytest.param(Principal(tenant=TENANT, object_id=USER, roles=frozenset()), id="person"),
        pytest.param(Principal(tenant=OTHER, object_id=USER, roles=frozenset({"A", "B"})), id="person with roles"),
        pytest.param(Principal(tenant=TENANT, object_id=USER, roles=frozenset({"A"}), app=APP), id="daemon"),
    ],
)
async def test_an_access_token_tells_who_it_stands_for(introduced, principal):
    tokens, introduce = introduced
    token = introduce(principal)
    assert await tokens.access(token) == principal
    assert await tokens.access(token) == principal


async def test_an_answer_to_our_sign_in_tells_who_signed_in(introduced):
    tokens, introduce = introduced
    principal = Principal(tenant=TENANT, object_id=USER, roles=frozenset())
    token = introduce(principal, "n1")
    assert await tokens.sign_in(token, "n1") == principal
    for nonce in ("n2", ""):
        with pytest.raises(NotSignedIn):
            await tokens.sign_in(token, nonce)
    with pytest.raises(NotSignedIn):
        await tokens.access(token)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é" * 10, "x" * 100_000, "\udcff"])
async def test_what_is_no_token_is_refused(introduced, token):
    tokens, _ = introduced
    with pytest.raises(NotSignedIn):
        await tokens.access(token)
    with pytest.raises(NotSignedIn):
        await tokens.sign_in(token, "n")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"aud": "https://graph.microsoft.com"}, id="a token for another API"),
        pytest.param({"aud": SIGN_IN}, id="an ID token's audience"),
        pytest.param({"aud": [API]}, id="audience as a list"),
        pytest.param({"aud": API.upper() + "x"}, id="nearly our audience"),
        pytest.param({"aud": GONE}, id="no audience"),
        pytest.param({"scp": GONE}, id="no scope, an ID token of the same registration"),
        pytest.param({"scp": "access_as_user.read"}, id="a longer scope"),
        pytest.param({"scp": "not_access_as_user"}, id="our scope inside another"),
        pytest.param({"scp": ["access_as_user"]}, id="scope as a list"),
        pytest.param({"scp": GONE, "roles": ["Privacy.Operator"]}, id="roles without saying it is an app"),
        pytest.param(app_claims(scp="access_as_user"), id="an app with a scope"),
        pytest.param(app_claims(azp=GONE), id="an app without a name"),
        pytest.param({"roles": "Privacy.Operator"}, id="roles as text"),
        pytest.param({"roles": [1]}, id="roles as numbers"),
        pytest.param({"roles": None}, id="roles as nothing"),
        pytest.param({"tid": "common"}, id="tenant is no GUID"),
        pytest.param({"tid": TENANT + "/.."}, id="tenant that changes the issuer's path"),
        pytest.param({"tid": GONE}, id="no tenant"),
        pytest.param({"oid": GONE}, id="no object id"),
        pytest.param({"oid": "x"}, id="object id is no GUID"),
        pytest.param({"exp": GONE}, id="never expires"),
        pytest.param({"exp": int(time.time()) - 400}, id="expired"),
        pytest.param({"exp": "9999999999"}, id="expiry as text"),
        pytest.param({"nbf": int(time.time()) + 400}, id="not yet valid"),
        pytest.param({"nbf": True}, id="start as a truth value"),
    ],
)
async def test_a_signed_token_with_a_wrong_claim_is_refused(tokens, sign, changes):
    assert await tokens.access(sign())
    with pytest.raises(NotSignedIn):
        await tokens.access(sign(**changes))


@pytest.mark.parametrize(
    "issuer",
    [
        pytest.param("{url}/{other}/v2.0", id="another tenant's"),
        pytest.param("{url}/{tenant}/v2.0/", id="a slash at the end"),
        pytest.param("{url}/{tenant}/", id="version 1"),
        pytest.param("https://sts.windows.net/{tenant}/", id="version 1's own"),
        pytest.param("{url}/{{tenantid}}/v2.0", id="the template itself"),
        pytest.param("{url}/common/v2.0", id="common"),
        pytest.param("https://evil.example/{tenant}/v2.0", id="a stranger's"),
    ],
)
async def test_a_wrong_issuer_is_refused(authority, tokens, sign, issuer):
    wrong = issuer.format(url=authority.url, tenant=TENANT, other=OTHER)
    with pytest.raises(NotSignedIn):
        await tokens.access(sign(iss=wrong))


async def test_a_key_signs_for_its_own_issuer_alone(tokens, sign):
    with pytest.raises(NotSignedIn):
        await tokens.access(sign(key=CONSUMER, kid="consumer"))
    assert (await tokens.access(sign(key=CONSUMER, kid="consumer", tid=CONSUMERS))).tenant == CONSUMERS


def signed_with_the_public_key(body):
    """Sign as symmetric keys do, with a secret that everybody knows."""
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"key","typ":"JWT"}').rstrip(b"=").decode()
    mac = hmac.digest(KEY.public_key().public_bytes(*form), f"{header}.{body}".encode(), "sha256")
    return f"{header}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_a_wrong_signature_key_or_algorithm_is_refused(tokens, sign):
    header, body, signature = sign().split(".")
    other_body = sign(oid=APP).split(".")[1]
    for token in (
        sign(key=STRANGER),
        sign(key=STRANGER, kid="stranger"),
        sign(key=SMALL, kid="small"),
        sign(kid="curve"),
        sign(key=None, algorithm="none"),
        signed_with_the_public_key(body),
        sign(algorithm="RS512"),
        sign(algorithm="PS256"),
        sign(kid=""),
        f"{header}.{other_body}.{signature}",
        f"{header}.{body}.",
    ):
        with pytest.raises(NotSignedIn):
            await tokens.access(token)


async def test_a_token_that_brings_its_own_key_is_refused(authority, tokens, sign):
    own = jwk(STRANGER, "own")
    headers = {"jwk": own, "jku": f"{authority.url}/elsewhere", "x5u": f"{authority.url}/elsewhere"}
    with pytest.raises(NotSignedIn):
        await tokens.access(sign(key=STRANGER, kid="own", headers=headers))


async def test_a_valid_token_is_refused_once_it_has_expired(tokens, sign, clock):
    token = sign()
    assert await tokens.access(token)
    clock.now += timedelta(minutes=60, seconds=30)
    assert await tokens.access(token)
    clock.now += timedelta(minutes=5)
    with pytest.raises(NotSignedIn):
        await tokens.access(token)


async def test_keys_are_fetched_once_by_whoever_comes_first(authority, tokens, sign):
    await asyncio.gather(*(tokens.access(sign(oid=user)) for user in [USER, APP, API, SIGN_IN]))
    for number in range(5):
        with pytest.raises(NotSignedIn):
            await tokens.access(sign(kid=f"unknown-{number}"))
    assert authority.asked == 1


async def test_a_new_key_is_found_after_a_while(authority, tokens, sign, clock):
    await tokens.access(sign())
    authority.keys.append(jwk(SECOND, "second"))
    with pytest.raises(NotSignedIn):
        await tokens.access(sign(key=SECOND, kid="second"))
    clock.now += timedelta(seconds=61)
    assert await tokens.access(sign(key=SECOND, kid="second"))
    assert authority.asked == 2


async def test_keys_older_than_a_day_are_not_trusted(authority, tokens, sign, clock):
    await tokens.access(sign())
    authority.keys.pop(0)
    clock.now += timedelta(hours=24, seconds=1)
    with pytest.raises(NotSignedIn):
        await tokens.access(sign(exp=int(time.time()) + 30 * 3600))
    assert authority.asked == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(500, None, id="an error"),
        pytest.param(302, None, id="a redirect"),
        pytest.param(200, b"{", id="no JSON"),
        pytest.param(200, b"[]", id="no key set"),
        pytest.param(200, b'{"keys": []}', id="no keys"),
        pytest.param(200, b" " * (1024 * 1024 + 1) + b'{"keys": []}', id="too large"),
    ],
)
async def test_keys_that_cannot_be_had_are_transient_and_not_asked_for_by_everyone(
    authority, tokens, sign, status, body
):
    authority.status, authority.body = status, body
    for _ in range(3):
        with pytest.raises(Transient):
            await tokens.access(sign())
    assert authority.asked == 1


async def test_an_authority_that_is_gone_is_transient(sign):
    tokens = EntraTokens(
        authority="http://127.0.0.1:9", audience=API, sign_in_client_id=None, clock=lambda: datetime.now(UTC)
    )
    with pytest.raises(Transient):
        await tokens.access(sign())
    with pytest.raises(NotSignedIn):
        await tokens.sign_in(sign(nonce="n"), "n")
