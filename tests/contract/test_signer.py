"""The contract of Signer, over keys at hand and over Key Vault's documented wire format."""

import datetime as dt
import json
import ssl

import aiohttp
import pytest
from azure.core.pipeline.transport import AioHttpTransport
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from key_vault_server import KeyVaultServer, VaultToken

from devhost import certificates
from shared.adapters.key_vault_signer import KeyVaultSigner
from shared.adapters.local_signer import LocalSigner
from shared.adapters.signing_keys import retired_keys
from shared.domain.certificate import thumbprint
from shared.domain.errors import Permanent, Transient

OLD, NEW, OLDEST = bytes(range(1, 33)), bytes(range(2, 34)), bytes(range(3, 35))
SINCE, MOVED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
BEFORE, AFTER = MOVED - dt.timedelta(days=1), MOVED + dt.timedelta(days=1)


@pytest.fixture(scope="module")
async def vault(tmp_path_factory):
    tls = certificates.ensure(tmp_path_factory.mktemp("vault"), dt.datetime.now(dt.UTC))
    running = await KeyVaultServer(tls).start()
    yield running
    await running.stop()


@pytest.fixture
async def session(vault):
    context = ssl.create_default_context(cafile=str(vault.tls.bundle))
    vault.versions, vault.asked, vault.fails = {}, [], None
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as held:
        yield held


class Local:
    def __init__(self):
        self.keys, self.now = [], AFTER

    def add(self, scalar, since):
        self.keys.append((scalar, since))

    def signer(self, retired="[]"):
        return LocalSigner(self.keys, retired_keys(retired), lambda: self.now)


class Vault:
    def __init__(self, vault, session):
        self.vault, self.session, self.now = vault, session, AFTER

    def add(self, scalar, since, **more):
        self.vault.add(f"{len(self.vault.versions):032x}", scalar, created=since, **more)

    def signer(self, retired="[]"):
        transport = AioHttpTransport(session=self.session, session_owner=False)
        options = {"transport": transport, "verify_challenge_resource": False, "retry_total": 0}
        url = f"{self.vault.url}/keys/certificates"
        return KeyVaultSigner(url, VaultToken(), retired_keys(retired), lambda: self.now, **options)


@pytest.fixture(params=["local", "key vault"])
def place(request, vault, session):
    return Local() if request.param == "local" else Vault(vault, session)


def verified(jws, keys):
    """What another implementation of JOSE reads, once it has verified the signature by the key it names."""
    read = JWS()
    read.deserialize(jws)
    kid = json.loads(read.objects["protected"])["kid"]
    (jwk,) = [one.jwk for one in keys if one.jwk["kid"] == kid]
    read.verify(JWK(**jwk))
    return read.jose_header, read.payload


async def test_what_is_signed_is_verified_by_another_implementation(place):
    place.add(OLD, SINCE)
    signer = place.signer()
    header, payload = verified(await signer.sign({"typ": "x+sd-jwt"}, b'{"a": 1}'), await signer.keys())
    assert payload == b'{"a": 1}'
    assert header == {"alg": "ES256", "typ": "x+sd-jwt", "kid": (await signer.keys())[0].jwk["kid"]}


async def test_many_signatures_are_each_64_bytes_whatever_their_numbers_are(place):
    place.add(OLD, SINCE)
    signer = place.signer()
    for number in range(24):
        verified(await signer.sign({}, b"%d" % number), await signer.keys())


async def test_a_public_key_says_what_it_is_for_and_tells_nothing_private(place):
    place.add(OLD, SINCE)
    (key,) = await place.signer().keys()
    assert key.jwk.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert key.jwk["kid"] == thumbprint(key.jwk)
    assert (key.since, key.until) == (SINCE, None)


async def test_after_a_rotation_the_new_key_signs_and_the_old_one_is_still_published_with_its_end(place):
    place.add(OLD, SINCE)
    place.now = BEFORE
    before = await place.signer().sign({}, b"before")
    place.add(NEW, MOVED)
    ahead = await place.signer().sign({}, b"ahead")
    place.now = AFTER
    signer = place.signer()
    after, keys = await signer.sign({}, b"after"), await signer.keys()
    assert [(one.since, one.until) for one in keys] == [(MOVED, None), (SINCE, MOVED)]
    kids = [verified(jws, keys)[0]["kid"] for jws in (before, ahead, after)]
    assert kids == [keys[1].jwk["kid"], keys[1].jwk["kid"], keys[0].jwk["kid"]]


async def test_a_retired_key_is_published_though_nobody_holds_it(place):
    place.add(OLD, SINCE)
    (gone,) = await LocalSigner([(OLDEST, SINCE)], [], lambda: AFTER).keys()
    told = {**gone.jwk, "since": "2025-01-01T01:00:00+01:00", "until": "2026-01-01T00:00:00Z"}
    keys = await place.signer(json.dumps([told])).keys()
    assert [one.jwk for one in keys] == [keys[0].jwk, gone.jwk]
    assert (keys[1].since, keys[1].until) == (dt.datetime(2025, 1, 1, tzinfo=dt.UTC), SINCE)
    assert keys[0].until is None


async def test_a_key_that_is_at_hand_and_on_the_list_of_retired_ones_is_told_once(place):
    place.add(OLD, SINCE)
    (key,) = await place.signer().keys()
    told = json.dumps([{**key.jwk, "since": "2020-01-01T00:00:00Z", "until": "2020-02-01T00:00:00Z"}])
    assert await place.signer(told).keys() == [key]


async def test_without_a_key_whose_time_has_come_nothing_is_signed(place):
    place.add(OLD, AFTER + dt.timedelta(days=1))
    with pytest.raises(Transient) as refused:
        await place.signer().sign({}, b"x")
    assert refused.value.code == "signing_key_missing"


# Key Vault alone


@pytest.fixture
def key_vault(vault, session):
    return Vault(vault, session)


async def test_an_expired_version_signs_no_more_and_a_disabled_one_is_neither_used_nor_told(key_vault):
    key_vault.add(OLDEST, SINCE, exp=AFTER + dt.timedelta(days=9))
    key_vault.add(OLD, SINCE + dt.timedelta(days=1), exp=BEFORE)
    key_vault.add(NEW, MOVED, enabled=False)
    signer = key_vault.signer()
    header, _ = verified(await signer.sign({}, b"x"), await signer.keys())
    newer, oldest = await signer.keys()
    assert header["kid"] == oldest.jwk["kid"]
    assert newer.until == BEFORE


async def test_a_version_that_is_not_yet_valid_waits_for_its_time(key_vault):
    key_vault.add(OLD, SINCE)
    key_vault.add(NEW, SINCE, nbf=MOVED)
    key_vault.now = BEFORE
    signer = key_vault.signer()
    header, _ = verified(await signer.sign({}, b"x"), await signer.keys())
    assert header["kid"] == (await signer.keys())[1].jwk["kid"]


async def test_the_vault_is_sent_a_digest_and_asked_for_keys_once_a_minute_at_most(key_vault, vault):
    for number in range(3):
        key_vault.add(bytes([number + 1]) * 32, SINCE + dt.timedelta(days=number))
    signer = key_vault.signer()
    first = await signer.keys()
    asked = len(vault.asked)
    assert await signer.keys() == first
    assert len(vault.asked) == asked
    key_vault.now += dt.timedelta(minutes=2)
    assert await signer.keys() == first
    assert [path for _, path in vault.asked[asked:]] == ["/keys/certificates/versions"] * 2
    await signer.sign({}, b"x")
    assert vault.asked[-1] == ("POST", f"/keys/certificates/{2:032x}/sign")


async def test_a_new_version_is_seen_by_the_next_signature_and_by_the_keys_that_go_with_it(key_vault):
    key_vault.add(OLD, SINCE)
    signer = key_vault.signer()
    await signer.keys()
    key_vault.add(NEW, MOVED)
    jws = await signer.sign({}, b"x")
    keys = await signer.keys()
    assert verified(jws, keys)[0]["kid"] == keys[0].jwk["kid"]
    assert len(keys) == 2


@pytest.mark.parametrize(("status", "kind"), [(401, Transient), (403, Transient), (429, Transient), (503, Transient)])
async def test_a_vault_that_refuses_may_let_us_in_later(key_vault, vault, status, kind):
    key_vault.add(OLD, SINCE)
    vault.fails = status
    signer = key_vault.signer()
    for ask in (signer.keys(), signer.sign({}, b"x")):
        with pytest.raises(kind) as refused:
            await ask
        assert refused.value.code.startswith("key_vault_")


async def test_a_vault_without_the_key_says_so(key_vault, vault):
    vault.fails = 404
    with pytest.raises(Permanent) as refused:
        await key_vault.signer().keys()
    assert refused.value.code == "key_vault_404"
