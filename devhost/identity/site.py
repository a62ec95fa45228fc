"""The identity provider over TLS: discovery, keys, sign-in, and tokens for the stack's own commands."""

import hmac
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from devhost.directory import find, tenant_id, user_id
from devhost.errors import StackError
from devhost.identity.issuer import SIGN_IN_CLIENT, Issuer
from devhost.identity.pages import chooser, return_form
from samples.people import TENANTS

SHARED = ("common", "organizations")
ASKED = ("client_id", "redirect_uri", "response_type", "response_mode", "scope", "nonce", "state")


@dataclass(frozen=True, slots=True)
class Site:
    """The provider's routes; `app_origin` is the only place a sign-in goes back to."""

    issuer: Issuer
    app_origin: str
    mint_secret: str

    def application(self) -> Starlette:
        """The provider as an ASGI application."""
        return Starlette(
            routes=[
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self.discovery),
                Route("/{tenant}/discovery/v2.0/keys", self.keys),
                Route("/{tenant}/oauth2/v2.0/authorize", self.authorize, methods=["GET", "POST"]),
                Route("/mint", self.mint, methods=["POST"]),
            ]
        )

    async def discovery(self, request: Request) -> Response:
        """Answer OpenID Connect discovery."""
        tenant = request.path_params["tenant"]
        if not _is_tenant(tenant):
            return PlainTextResponse("unknown tenant", 404)
        base = f"{self.issuer.authority}/{tenant}"
        return JSONResponse(
            {
                "issuer": self.issuer.issuer(_issuing(tenant)),
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_types_supported": ["id_token"],
                "response_modes_supported": ["form_post"],
                "scopes_supported": ["openid"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def keys(self, request: Request) -> Response:
        """Answer the public keys."""
        tenant = request.path_params["tenant"]
        if not _is_tenant(tenant):
            return PlainTextResponse("unknown tenant", 404)
        return JSONResponse(self.issuer.key_set(_issuing(tenant)))

    async def authorize(self, request: Request) -> Response:
        """Let a person be chosen, then post an ID token back to the app."""
        tenant = request.path_params["tenant"]
        given: Mapping[str, str] = request.query_params
        if request.method == "POST":
            given = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        asked = {name: given[name] for name in ASKED if name in given}
        wrong = self._wrong(tenant, asked)
        if wrong:
            return PlainTextResponse(wrong, 400)
        nonce = secrets.token_urlsafe(16)
        tenants = [known for known in TENANTS.values() if tenant in {*SHARED, known.id}]
        home, _, user = given.get("person", "").partition(" ")
        if not any(known.id == home for known in tenants) or find(home, user) is None:
            return self._html(chooser(tenants, asked, nonce), nonce)
        claims = self.issuer.id_token(home, user, asked["client_id"], asked["nonce"])
        fields = {"id_token": self.issuer.sign(claims)}
        if "state" in asked:
            fields["state"] = asked["state"]
        return self._html(return_form(asked["redirect_uri"], fields, nonce), nonce)

    async def mint(self, request: Request) -> Response:
        """Sign an access token for whoever knows the stack's secret; `claims` replaces single ones."""
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self.mint_secret}".encode()):
            return PlainTextResponse("the stack's secret is needed", 401)
        body = await request.json()
        try:
            tenant = tenant_id(body["tenant"])
            roles = body.get("roles", [])
            if body.get("app"):
                claims = self.issuer.app_token(tenant, body["app"], roles)
            else:
                claims = self.issuer.user_token(tenant, user_id(tenant, body["user"]), roles)
        except StackError as error:
            return PlainTextResponse(str(error), 400)
        return JSONResponse({"access_token": self.issuer.sign(claims | body.get("claims", {}))})

    def _wrong(self, tenant: str, asked: Mapping[str, str]) -> str:
        target = asked.get("redirect_uri", "")
        checks = {
            "unknown tenant": not _is_tenant(tenant),
            "client_id is not the app's": asked.get("client_id") != SIGN_IN_CLIENT,
            "redirect_uri is not the app's": not target.startswith(f"{self.app_origin}/"),
            "response_type must be id_token": asked.get("response_type") != "id_token",
            "response_mode must be form_post": asked.get("response_mode") != "form_post",
            "scope must hold openid": "openid" not in asked.get("scope", "").split(),
            "nonce is missing": not asked.get("nonce"),
        }
        return next((message for message, failed in checks.items() if failed), "")

    def _html(self, content: str, nonce: str) -> Response:
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
            f"form-action 'self' {self.app_origin}; frame-ancestors 'none'; base-uri 'none'"
        )
        headers = {"content-security-policy": policy, "cache-control": "no-store", "referrer-policy": "no-referrer"}
        return HTMLResponse(content, headers=headers)


def _is_tenant(tenant: str) -> bool:
    if tenant in SHARED:
        return True
    try:
        return str(uuid.UUID(tenant)) == tenant
    except ValueError:
        return False


def _issuing(tenant: str) -> str:
    return "{tenantid}" if tenant in SHARED else tenant
