"""Managed identity: the endpoint, and real storage that takes its tokens, all through Microsoft's own clients."""

import datetime as dt

import httpx
import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity.aio import ManagedIdentityCredential
from azure.storage.blob import BlobSasPermissions, generate_blob_sas
from azure.storage.blob.aio import BlobServiceClient

from devhost.identity.issuer import AUDIENCE, MANAGED_CLIENT, TELEMETRY_CLIENT, Issuer, signing_key
from devhost.identity.managed import PATH, ManagedIdentity
from devhost.ports import free_port
from devhost.serving import serving
from samples.people import HOME

HEADER = "the header"
STORAGE = "https://storage.azure.com"


@pytest.fixture(scope="module")
async def endpoint(tmp_path_factory):
    issuer = Issuer("https://127.0.0.1:9443", signing_key(tmp_path_factory.mktemp("identity")))
    port = free_port()
    async with serving(
        ManagedIdentity(issuer, {HEADER: MANAGED_CLIENT, "another": TELEMETRY_CLIENT}).application(), port
    ):
        yield f"http://127.0.0.1:{port}{PATH}"


@pytest.fixture
async def asked(endpoint):
    async with httpx.AsyncClient() as client:

        async def ask(header=HEADER, **query):
            return await client.get(endpoint, params=query, headers={"X-IDENTITY-HEADER": header})

        yield ask


@pytest.fixture
async def credential(endpoint, monkeypatch):
    monkeypatch.setenv("IDENTITY_ENDPOINT", endpoint)
    monkeypatch.setenv("IDENTITY_HEADER", HEADER)
    async with ManagedIdentityCredential(client_id=MANAGED_CLIENT) as managed:
        yield managed


@pytest.fixture
async def account(azurite, credential):
    options = azurite.options() | {"credential": credential}
    async with BlobServiceClient(azurite.url("blobs", "spinexports"), **options) as client:
        yield client


async def test_a_token_is_answered_for_the_resource_asked_for(asked):
    answer = (await asked(resource=STORAGE, **{"api-version": "2019-08-01"})).json()
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert (answer["resource"], answer["token_type"], answer["client_id"]) == (STORAGE, "Bearer", MANAGED_CLIENT)
    assert (claims["aud"], claims["tid"], claims["appid"]) == (STORAGE, HOME.id, MANAGED_CLIENT)
    assert int(answer["expires_on"]) == claims["exp"]


@pytest.mark.parametrize(
    ("status", "query"),
    [
        pytest.param(401, {"resource": STORAGE, "api-version": "2019-08-01", "header": "a guess"}, id="wrong header"),
        pytest.param(400, {"api-version": "2019-08-01"}, id="no resource"),
        pytest.param(
            400,
            {"resource": STORAGE, "api-version": "2019-08-01", "client_id": TELEMETRY_CLIENT},
            id="somebody else's identity",
        ),
        pytest.param(400, {"resource": STORAGE, "api-version": "2017-09-01"}, id="another version"),
    ],
)
async def test_a_wrong_question_gets_no_token(asked, status, query):
    answer = await asked(**query)
    assert (answer.status_code, "access_token" in answer.json()) == (status, False)


@pytest.mark.parametrize(
    ("header", "client", "roles"),
    [
        pytest.param(HEADER, MANAGED_CLIENT, None, id="the app"),
        pytest.param("another", TELEMETRY_CLIENT, ["Privacy.Service"], id="a service"),
    ],
)
async def test_a_token_for_our_api_says_which_program_asks_and_what_it_was_granted(asked, header, client, roles):
    answer = (await asked(resource=AUDIENCE, header=header, **{"api-version": "2019-08-01"})).json()
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert (claims["aud"], claims["ver"], claims["azp"], claims["idtyp"]) == (AUDIENCE, "2.0", client, "app")
    assert claims["iss"] == f"https://127.0.0.1:9443/{HOME.id}/v2.0"
    assert claims.get("roles") == roles
    assert "scp" not in claims


@pytest.mark.stack
async def test_storage_takes_the_token(account):
    container = await account.create_container("by-identity")
    await container.upload_blob("note", b"kept")
    assert await (await container.download_blob("note")).readall() == b"kept"


@pytest.mark.stack
async def test_storage_does_not_take_a_token_for_something_else(azurite, credential):
    class Elsewhere:
        async def get_token(self, *scopes, **options):
            return await credential.get_token("https://vault.azure.net/.default")

        async def close(self):
            """Nothing is open."""

    options = azurite.options() | {"credential": Elsewhere()}
    async with BlobServiceClient(azurite.url("blobs", "spinexports"), **options) as client:
        with pytest.raises((ClientAuthenticationError, HttpResponseError)) as refusal:
            await client.create_container("elsewhere")
    assert refusal.value.status_code == 403


@pytest.mark.stack
async def test_a_link_signed_by_a_user_delegation_key_opens_its_blob_and_no_other(azurite, account):
    container = await account.create_container("by-link")
    for name in ("mine", "other"):
        await container.upload_blob(name, name.encode())
    now = dt.datetime.now(dt.UTC)
    key = await account.get_user_delegation_key(now - dt.timedelta(minutes=5), now + dt.timedelta(hours=1))

    async def fetched(name, expiry):
        options = {"permission": BlobSasPermissions(read=True), "expiry": expiry, "user_delegation_key": key}
        link = generate_blob_sas("spinexports", "by-link", "mine", **options)
        async with azurite.session.get(f"{azurite.url('blobs', 'spinexports')}/by-link/{name}?{link}") as answer:
            return answer.status, await answer.read()

    assert await fetched("mine", now + dt.timedelta(minutes=5)) == (200, b"mine")
    assert (await fetched("other", now + dt.timedelta(minutes=5)))[0] == 403
    assert (await fetched("mine", now - dt.timedelta(minutes=1)))[0] == 403
