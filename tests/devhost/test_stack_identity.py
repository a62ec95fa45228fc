"""The local identity provider: its tokens, checked as anybody would, and its sign-in."""

import time
from urllib.parse import urlencode

import httpx
import jwt
import pytest
from html_reading import Read

from devhost.identity.issuer import AUDIENCE, SIGN_IN_CLIENT, Issuer, signing_key
from devhost.identity.site import Site
from samples.people import ALPENBLICK, HOME, NOORDZEE, PEOPLE

AUTHORITY, APP, SECRET = "https://127.0.0.1:9443", "http://127.0.0.1:7071", "the stack's own"
ANNA, GUEST = PEOPLE["anna"], PEOPLE["guest"]
STRANGER = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
ASKED = {
    "client_id": SIGN_IN_CLIENT,
    "redirect_uri": f"{APP}/api/sign-in",
    "response_type": "id_token",
    "response_mode": "form_post",
    "scope": "openid",
    "nonce": "a-nonce",
    "state": 'a "state" & <more>',
}


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    return Issuer(AUTHORITY, signing_key(tmp_path_factory.mktemp("identity")))


@pytest.fixture
async def provider(issuer):
    transport = httpx.ASGITransport(Site(issuer, APP, SECRET).application())
    async with httpx.AsyncClient(transport=transport, base_url=AUTHORITY) as client:
        yield client


@pytest.fixture
def verified(provider):
    """Check a token as a service does that knows nothing but the tenant's discovery document."""

    async def verify(token, tenant, audience=AUDIENCE):
        told = (await provider.get(f"/{tenant}/v2.0/.well-known/openid-configuration")).json()
        keys = jwt.PyJWKSet.from_dict((await provider.get(told["jwks_uri"])).json())
        key = keys[jwt.get_unverified_header(token)["kid"]]
        required = ["exp", "iat", "nbf", "aud", "iss", "sub", "tid", "oid", "ver"]
        options = {"require": required, "strict_aud": True}
        return jwt.decode(token, key, ["RS256"], audience=audience, issuer=told["issuer"], options=options)

    return verify


@pytest.fixture
def minted(provider):
    async def mint(secret=SECRET, **wanted):
        return await provider.post("/mint", json=wanted, headers={"Authorization": f"Bearer {secret}"})

    return mint


async def test_a_persons_token_is_an_access_token_of_entra_id(minted, verified):
    answer = await minted(tenant="noordzee", user="guest", roles=["Privacy.Admin"])
    claims = await verified(answer.json()["access_token"], NOORDZEE.id)
    assert (claims["tid"], claims["oid"], claims["ver"]) == (NOORDZEE.id, GUEST.oid, "2.0")
    assert (claims["scp"], claims["roles"]) == ("access_as_user", ["Privacy.Admin"])
    assert (claims["name"], claims["preferred_username"]) == (GUEST.name, GUEST.upn)
    assert "idtyp" not in claims


@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE)
async def test_everybody_in_the_sample_company_is_known_by_short_name(minted, verified, person):
    answer = await minted(tenant=person.home.short, user=person.short)
    claims = await verified(answer.json()["access_token"], person.tenant)
    assert (claims["oid"], claims["name"]) == (person.oid, person.name)
    assert "roles" not in claims


async def test_a_program_gets_a_token_of_its_own(minted, verified):
    answer = await minted(tenant="spinpanel", app=STRANGER, roles=["Privacy.Operator"])
    claims = await verified(answer.json()["access_token"], HOME.id)
    assert (claims["idtyp"], claims["azp"], claims["roles"]) == ("app", STRANGER, ["Privacy.Operator"])
    assert claims["oid"] == claims["sub"]
    assert "scp" not in claims


async def test_people_and_tenants_that_nobody_has_heard_of_may_be_given_by_guid(minted, verified):
    answer = await minted(tenant=STRANGER, user=ANNA.oid)
    claims = await verified(answer.json()["access_token"], STRANGER)
    assert (claims["tid"], claims["oid"]) == (STRANGER, ANNA.oid)
    assert "name" not in claims


async def test_single_claims_can_be_replaced(minted, verified):
    answer = await minted(tenant="noordzee", user="anna", claims={"exp": int(time.time()) - 3600})
    with pytest.raises(jwt.ExpiredSignatureError):
        await verified(answer.json()["access_token"], NOORDZEE.id)


async def test_a_tenant_does_not_speak_for_another(minted, verified):
    answer = await minted(tenant="noordzee", user="anna")
    with pytest.raises(jwt.InvalidIssuerError):
        await verified(answer.json()["access_token"], ALPENBLICK.id)


async def test_nobody_without_the_stacks_secret_gets_a_token(minted):
    answer = await minted(secret="a guess", tenant="noordzee", user="anna")
    assert (answer.status_code, "ey" in answer.text) == (401, False)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"tenant": "nordsee", "user": "anna"}, "noordzee"),
        ({"tenant": "alpenblick", "user": "bram"}, "greta"),
    ],
)
async def test_an_unknown_name_is_answered_with_the_known_ones(minted, wanted, names):
    answer = await minted(**wanted)
    assert answer.status_code == 400
    assert names in answer.text


async def test_the_key_stays_the_same_from_run_to_run(tmp_path):
    key_ids = {Issuer(AUTHORITY, signing_key(tmp_path)).key_id for _ in range(2)}
    assert len(key_ids) == 1
    assert (tmp_path / "signing.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("shared", ["common", "organizations"])
async def test_shared_endpoints_name_a_template_as_issuer(provider, shared):
    told = (await provider.get(f"/{shared}/v2.0/.well-known/openid-configuration")).json()
    (key,) = (await provider.get(told["jwks_uri"])).json()["keys"]
    assert told["issuer"] == key["issuer"] == f"{AUTHORITY}/{{tenantid}}/v2.0"


@pytest.mark.parametrize("path", ["v2.0/.well-known/openid-configuration", "discovery/v2.0/keys"])
async def test_what_is_no_tenant_has_no_endpoints(provider, path):
    assert (await provider.get(f"/nobody/{path}")).status_code == 404


async def sign_in(provider, tenant="common", **changes):
    return await provider.get(f"/{tenant}/oauth2/v2.0/authorize", params=ASKED | changes)


@pytest.mark.parametrize(
    ("tenant", "people"),
    [
        ("common", list(PEOPLE.values())),
        (ALPENBLICK.id, [person for person in PEOPLE.values() if person.home is ALPENBLICK]),
    ],
)
async def test_the_page_offers_everybody_of_the_tenants_asked_for(provider, tenant, people):
    page = Read((await sign_in(provider, tenant)).text)
    offered = [attributes["value"] for tag, attributes in page.attributes if tag == "button"]
    assert sorted(offered) == sorted(f"{person.tenant} {person.oid}" for person in people)
    assert all(person.upn in page.words() for person in people)


async def test_whoever_is_chosen_is_sent_back_with_a_token_by_a_form_that_needs_no_script(provider, verified):
    hidden = [found for tag, found in Read((await sign_in(provider)).text).attributes if tag == "input"]
    chosen = {field["name"]: field["value"] for field in hidden} | {"person": f"{ANNA.tenant} {ANNA.oid}"}
    begun = int(time.time())
    answer = await provider.post("/common/oauth2/v2.0/authorize", data=chosen)
    page = Read(answer.text)
    fields = {found["name"]: found["value"] for tag, found in page.attributes if tag == "input"}
    (form,) = [found for tag, found in page.attributes if tag == "form"]
    assert (form["action"], form["method"], fields["state"]) == (ASKED["redirect_uri"], "post", ASKED["state"])
    assert page.count("button") == 1
    claims = await verified(fields["id_token"], NOORDZEE.id, SIGN_IN_CLIENT)
    assert (claims["tid"], claims["oid"], claims["nonce"]) == (ANNA.tenant, ANNA.oid, "a-nonce")
    assert claims["auth_time"] >= begun
    assert "form-action 'self' http://127.0.0.1:7071;" in answer.headers["content-security-policy"]


async def test_nobody_is_signed_in_as_somebody_of_another_tenant(provider):
    body = urlencode(ASKED | {"person": f"{ANNA.tenant} {ANNA.oid}"})
    answer = await provider.post(f"/{ALPENBLICK.id}/oauth2/v2.0/authorize", content=body)
    assert "id_token" not in Read(answer.text).values("name")
    assert "Choose who signs in" in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"redirect_uri": "https://evil.example/api/sign-in"}, id="somebody else's origin"),
        pytest.param({"redirect_uri": f"{APP}.evil.example/"}, id="an origin that begins like ours"),
        pytest.param({"redirect_uri": f"{APP}@evil.example/"}, id="an origin that holds ours as its user"),
        pytest.param({"redirect_uri": ""}, id="no origin"),
        pytest.param({"client_id": STRANGER}, id="another client"),
        pytest.param({"response_type": "code"}, id="another flow"),
        pytest.param({"response_mode": "fragment"}, id="another way back"),
        pytest.param({"scope": "profile"}, id="no openid"),
        pytest.param({"nonce": ""}, id="no nonce"),
    ],
)
async def test_a_sign_in_that_is_not_the_apps_is_refused(provider, changes):
    answer = await sign_in(provider, **changes)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    posted = ASKED | changes | {"person": f"{ANNA.tenant} {ANNA.oid}"}
    again = await provider.post("/common/oauth2/v2.0/authorize", data=posted)
    assert again.status_code == 400
