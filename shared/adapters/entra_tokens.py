"""Validation of Entra ID tokens, version 2.0, of any tenant."""

import hashlib
import hmac
from collections import OrderedDict
from typing import Any
from uuid import UUID

import jwt

from shared.adapters.entra_signing_keys import SigningKeys
from shared.domain.errors import NotSignedIn
from shared.ports.world import Clock, Principal

SCOPE = "access_as_user"
_LEEWAY = 60.0  # seconds
_LONGEST = 16 * 1024
_REMEMBERED = 2000
_OPTIONS: Any = {
    "require": ["aud", "exp", "iss", "oid", "tid"],
    "strict_aud": True,
    "verify_exp": False,  # times are checked against our own clock
    "verify_iat": False,
    "verify_nbf": False,
}


class EntraTokens:
    """Tokens for our API, and ID tokens that answer our own sign-in. What was valid once is until it expires."""

    def __init__(self, *, authority: str, audience: str, sign_in_client_id: str | None, clock: Clock) -> None:
        self._authority = authority.rstrip("/")
        self._audience = audience
        self._sign_in_client_id = sign_in_client_id
        self._clock = clock
        self._keys = SigningKeys(f"{self._authority}/common/discovery/v2.0/keys", clock)
        self._valid: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()

    async def access(self, token: str) -> Principal:
        """Validate an access token for our API."""
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        known = self._valid.get(digest)
        if known is not None and known[0] > self._clock().timestamp():
            return known[1]
        claims = await self._claims(token, self._audience)
        principal = Principal(
            tenant=_guid(claims, "tid"),
            object_id=_guid(claims, "oid"),
            roles=_roles(claims),
            app=_app(claims),
        )
        self._valid[digest] = (claims["exp"], principal)
        if len(self._valid) > _REMEMBERED:
            self._valid.popitem(last=False)
        return principal

    async def sign_in(self, id_token: str, nonce: str) -> Principal:
        """Validate an ID token that answers our own sign-in with this nonce."""
        if self._sign_in_client_id is None:
            raise NotSignedIn
        claims = await self._claims(id_token, self._sign_in_client_id)
        told = claims.get("nonce")
        if not isinstance(told, str) or not nonce or not hmac.compare_digest(told.encode(), nonce.encode()):
            raise NotSignedIn
        return Principal(tenant=_guid(claims, "tid"), object_id=_guid(claims, "oid"), roles=frozenset())

    async def _claims(self, token: str, audience: str) -> dict[str, Any]:
        """Return the claims of a token that is signed, ours and in time."""
        if len(token) > _LONGEST:
            raise NotSignedIn
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError):
            raise NotSignedIn from None
        key_id = header.get("kid")
        if header.get("alg") != "RS256" or not isinstance(key_id, str):
            raise NotSignedIn
        signing = await self._keys.find(key_id)
        if signing is None:
            raise NotSignedIn
        try:
            claims = jwt.decode(token, signing.key, algorithms=["RS256"], audience=audience, options=_OPTIONS)
        except (jwt.PyJWTError, ValueError):
            raise NotSignedIn from None
        tenant = _guid(claims, "tid")
        issuer = f"{self._authority}/{tenant}/v2.0"
        signs_for = issuer if signing.issuer is None else signing.issuer.replace("{tenantid}", tenant)
        if not claims["iss"] == issuer == signs_for or not self._in_time(claims):
            raise NotSignedIn
        return claims

    def _in_time(self, claims: dict[str, Any]) -> bool:
        now = self._clock().timestamp()
        starts, ends = claims.get("nbf", 0), claims["exp"]
        if type(starts) not in {int, float} or type(ends) not in {int, float}:
            return False
        return bool(starts - _LEEWAY <= now < ends + _LEEWAY)


def _guid(claims: dict[str, Any], name: str) -> str:
    value = claims[name]
    try:
        if isinstance(value, str) and str(UUID(value)) == value:
            return value
    except ValueError:
        pass
    raise NotSignedIn


def _roles(claims: dict[str, Any]) -> frozenset[str]:
    roles = claims.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise NotSignedIn
    return frozenset(roles)


def _app(claims: dict[str, Any]) -> str | None:
    """Tell a person's token, which carries our scope, from a daemon's, which carries none and says what it is."""
    scopes, client = claims.get("scp"), claims.get("azp")
    if claims.get("idtyp") == "app" and scopes is None and isinstance(client, str) and client:
        return client
    if claims.get("idtyp", "user") == "user" and isinstance(scopes, str) and SCOPE in scopes.split(" "):
        return None
    raise NotSignedIn
